import Foundation
import RoomWatcher
import Testing

/// Whole calls with the kernel's drivers: what a camera and a microphone give reaches libwebrtc, and what the others send
/// reaches display and loudspeaker.
@Suite(.lab("call")) struct CallTests {
  @Test("a room with virtual camera, sound cards and display")
  func virtualDevices() throws {
    #expect(
      Lab.shell(
        "ffmpeg -loglevel error -f lavfi -i sine=frequency=440:sample_rate=48000:duration=60 -ac 1 /tmp/tone.wav")
        == 0)
    // What is played on a loop's device 1 is heard on its device 0, and the other way round.
    #expect(
      Lab.shell(
        "aplay -q -D plughw:0,1 /tmp/tone.wav & arecord -q -D plughw:1,1 -f S16_LE -r 48000 -c 2 -d 9 /tmp/heard.wav &")
        == 0)
    let call = try LabCall(
      "--camera auto --microphone hw:0,0 --speaker hw:1,0 --screen auto --sound-processing off", tone: 440)
    call.expectSteady()
    #expect(abs(call.watched.toneFrequency - 440) < 1)
    #expect(call.watched.residual < -25)

    // vivid's colour bars, bright to dark.
    for picture in call.watched.pictures {
      let bars = try (0..<8).map { try call.luma(of: picture, x: (Double($0) + 0.5) / 8, y: 0.7) }
      #expect(zip(bars, bars.dropFirst()).allSatisfy { $0 - $1 > 8 }, "bars of \(bars)")
      #expect((165...195).contains(bars[0]) && (10...22).contains(bars[7]))
    }
    call.expectOthersOnScreen()
    // The room's own picture: yellow, cyan, green, magenta, red and blue bars.
    for bar: UInt32 in [0xBBBB00, 0x00BBBB, 0x00BB00, 0xBB00BB, 0xBB0000, 0x0000BB] {
      #expect(call.screen.part(near: bar) > 0.003, "no bar of #\(String(bar, radix: 16))")
    }
    let heard = try [UInt8](Data(contentsOf: URL(filePath: "/tmp/heard.wav")))
    #expect(Self.level(of: heard.dropFirst(44 + 4 * 48_000 * 4)) > -40)
  }

  /// The level of 16-bit samples, dBFS.
  static func level(of bytes: ArraySlice<UInt8>) -> Double {
    let samples = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
      Double(Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)) / 32_768
    }
    return 10 * log10(samples.reduce(0) { $0 + $1 * $1 } / Double(max(samples.count, 1)) + 1e-12)
  }
}

/// The same with devices of the field, as far as the kernel can tell.
@Suite(.lab("usb-call")) struct USBCallTests {
  @Test("a room with a USB camera and a USB microphone array")
  func usbDevices() throws {
    #expect(
      Lab.shell(
        """
        mkdir -p /tmp/jpeg
        for size in 1920x1080 1280x720; do
          ffmpeg -loglevel error -f lavfi -i smptebars=size=$size -frames:v 1 -pix_fmt yuvj420p /tmp/jpeg/$size-0.jpg
        done
        python3 Tests/Lab/usb/uvc.py --pictures /tmp/jpeg --port 0 >/tmp/camera.log 2>&1 &
        python3 Tests/Lab/usb/uac2.py --speaker /tmp/speaker.raw --port 1 >/tmp/array.log 2>&1 &
        for step in $(seq 50); do [ -e /dev/video0 ] && [ -e /dev/snd/pcmC0D0c ] && exit 0; sleep 0.1; done
        cat /tmp/camera.log /tmp/array.log >&2; exit 1
        """) == 0)
    let call = try LabCall(
      "--camera auto --microphone auto --speaker auto --screen auto --sound-processing off", tone: 250, seconds: 8)
    call.expectSteady()
    // Each microphone hears another multiple of it.
    #expect(abs(call.watched.toneFrequency.remainder(dividingBy: 250)) < 1 && call.watched.toneFrequency > 200)
    for picture in call.watched.pictures {
      let bars = try (0..<7).map { try call.luma(of: picture, x: (Double($0) + 0.5) / 7, y: 0.3) }
      #expect(zip(bars, bars.dropFirst()).allSatisfy { $0 - $1 > 5 }, "bars of \(bars)")
    }
    call.expectOthersOnScreen()
    let heard = try [UInt8](Data(contentsOf: URL(filePath: "/tmp/speaker.raw")))
    #expect(heard.count > 48_000 * 4 * 5)
    #expect(CallTests.level(of: heard.suffix(48_000 * 4 * 3)) > -40)
  }
}
