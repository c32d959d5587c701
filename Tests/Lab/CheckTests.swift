import Testing
import Video

@testable import Devices

/// What an installer is told of devices that work, and of such as don't.
@Suite(.lab("check"), .serialized) struct CheckTests {
  private func value(_ quantity: DeviceFinding.Quantity, in finding: DeviceFinding) throws -> Double {
    try #require(finding.figures.first { $0.quantity == quantity }).value
  }

  @Test func aCameraIsMeasured() throws {
    let path = "/tmp/check.png"
    let finding = try CameraCheck.run(node: "/dev/video0", seconds: 2, picture: path)
    #expect(finding.isGood)
    #expect(try value(.width, in: finding) == 1_920)
    #expect(abs(try value(.rate, in: finding) - 30) < 0.5)
    #expect((60...150).contains(try value(.brightness, in: finding)))
    #expect(Lab.shell("head -c 8 \(path) | grep -q PNG") == 0)
  }

  @Test func aDarkCameraIsNotGood() throws {
    // vivid's test pattern of 100 % black.
    #expect(Lab.shell("v4l2-ctl -d0 -c test_pattern=5") == 0)
    defer { Lab.shell("v4l2-ctl -d0 -c test_pattern=0") }
    #expect(Lab.shell("v4l2-ctl -d0 -c osd_text_mode=2") == 0)
    let finding = try CameraCheck.run(node: "/dev/video0", seconds: 1)
    #expect(!finding.isGood)
    #expect(try value(.brightness, in: finding) < 20)
  }

  @Test func microphonesAreMeasuredByChannel() throws {
    // Left loud, right silent: a dead channel.
    #expect(
      Lab.shell(
        """
        ffmpeg -loglevel error -y -f lavfi -i "aevalsrc=0.1*sin(2*PI*440*t)|0:s=48000:d=20" -c:a pcm_s16le /tmp/left.wav
        aplay -q -D hw:0,1 /tmp/left.wav & sleep 0.5
        """) == 0)
    defer { Lab.shell("pkill aplay; sleep 0.2") }
    let finding = try SoundCheck.listen(PCMAddress(card: 0, device: 0), seconds: 1)
    #expect(abs(try value(.level(channel: 0), in: finding) - -23) < 0.5)
    #expect(abs(try value(.peak(channel: 0), in: finding) - -20) < 0.5)
    #expect(finding.figures.contains { $0.quantity == .level(channel: 1) && !$0.isGood })
    #expect(!finding.isGood)
  }

  @Test func aLoudspeakerIsHeardByTheMicrophone() throws {
    // The cable of the loop: what device 0 plays, device 1 hears.
    let speaker = PCMAddress(card: 0, device: 0)
    let heard = try SoundCheck.play(speaker, microphone: PCMAddress(card: 0, device: 1))
    #expect(heard.isGood)
    #expect(try value(.heard, in: heard) > 40)
    let unheard = try SoundCheck.play(speaker, microphone: PCMAddress(card: 1, device: 1))
    #expect(!unheard.isGood)
    #expect(unheard.figures.contains { $0.quantity == .heard && !$0.isGood })
    #expect(try SoundCheck.play(speaker, microphone: nil).isGood)
  }

  @Test func aScreenShowsWhatItIsGiven() throws {
    let finding = try ScreenCheck.run(nil, seconds: 1)
    #expect(finding.isGood)
    #expect(try value(.identical, in: finding) == 100)
    #expect(abs(try value(.rate, in: finding) - 60) < 0.5)
  }

  @Test func whatIsNotThereCannotBeChecked() {
    #expect(throws: CameraError.self) { try CameraCheck.run(node: "/dev/video9", seconds: 1) }
    #expect(throws: ALSAError.self) { try SoundCheck.listen(PCMAddress(card: 9, device: 0), seconds: 1) }
    #expect(throws: (any Error).self) {
      try ScreenCheck.run(KMSDisplayID(card: "/dev/dri/card9", connector: "HDMI-A-9"), seconds: 1)
    }
  }
}
