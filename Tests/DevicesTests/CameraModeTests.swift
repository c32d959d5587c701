import Testing
import Video

@testable import Devices

@Suite struct CameraModeTests {
  private static func offer(_ format: PixelFormat, _ width: Int, _ height: Int, _ rates: Double...) -> CameraModeOffer {
    CameraModeOffer(
      format: format, width: width, height: height,
      rates: .discrete(rates.map { FrameInterval(1_000, UInt32(($0 * 1_000).rounded())) }))
  }

  /// As USB 2 cameras are.
  private static let conferenceCamera = [
    offer(.yuyv, 640, 480, 30, 15), offer(.yuyv, 1_280, 720, 10, 5), offer(.yuyv, 1_920, 1_080, 5),
    offer(.motionJPEG, 640, 480, 60, 30), offer(.motionJPEG, 1_280, 720, 60, 30, 15),
    offer(.motionJPEG, 1_920, 1_080, 30, 15),
  ]

  private static let fullHD = CameraFormat(width: 1_920, height: 1_080, framesPerSecond: 30)
  private static let halfHD = CameraFormat(width: 1_280, height: 720, framesPerSecond: 30)

  private func best(_ offers: [CameraModeOffer], _ wish: CameraFormat) throws -> CameraMode {
    try #require(CameraModeChooser.best(of: offers, for: wish))
  }

  @Test("a USB 2 camera is driven by the rates it really has")
  func conferenceCamera() throws {
    for (wish, width) in [(Self.fullHD, 1_920), (Self.halfHD, 1_280)] {
      let mode = try best(Self.conferenceCamera, wish)
      #expect(mode.format == .motionJPEG && mode.width == width && mode.interval?.framesPerSecond == 30)
    }
  }

  @Test("raw pictures are taken where they are as fast, and planar ones before packed ones")
  func cost() throws {
    let offers = [
      Self.offer(.motionJPEG, 1_920, 1_080, 30), Self.offer(.yuyv, 1_920, 1_080, 30),
      Self.offer(.nv12, 1_920, 1_080, 60, 30), Self.offer(.nv12, 3_840, 2_160, 30),
    ]
    let mode = try best(offers, Self.fullHD)
    #expect(mode == CameraMode(format: .nv12, width: 1_920, height: 1_080, interval: FrameInterval(1_000, 30_000)))
    // Scaling down 1080p is dearer than 720p, but cheaper than 2160p.
    #expect(try best(offers, Self.halfHD).width == 1_920)
  }

  @Test("29.97 pictures a second are 30; 25 of 1080 lines beat 30 of 720; 15 don't")
  func tradeOffs() throws {
    let slow = Self.offer(.yuyv, 1_280, 720, 30)
    #expect(try best([Self.offer(.nv12, 1_920, 1_080, 29.97), slow], Self.fullHD).width == 1_920)
    #expect(try best([Self.offer(.nv12, 1_920, 1_080, 25), slow], Self.fullHD).width == 1_920)
    #expect(try best([Self.offer(.nv12, 1_920, 1_080, 15), slow], Self.fullHD).width == 1_280)
    // Of 4:3, only what is left after cutting counts.
    let narrow = Self.offer(.nv12, 1_280, 960, 30)
    #expect(try best([narrow, Self.offer(.nv12, 1_600, 900, 30)], Self.fullHD).width == 1_600)
  }

  @Test("of a range of intervals the nearest that isn't slower is taken")
  func ranges() throws {
    func range(_ shortest: Double, _ longest: Double, _ step: Double) -> CameraModeOffer {
      CameraModeOffer(
        format: .nv12, width: 1_920, height: 1_080,
        rates: .range(
          shortest: FrameInterval(UInt32(shortest * 1e7), 10_000_000),
          longest: FrameInterval(UInt32(longest * 1e7), 10_000_000), step: step))
    }
    func rate(_ offer: CameraModeOffer) throws -> Double {
      try #require(try best([offer], Self.fullHD).interval).framesPerSecond
    }
    #expect(abs(try rate(range(1.0 / 120, 1, 0)) - 30) < 0.01)
    #expect(abs(try rate(range(1.0 / 60, 1, 1.0 / 60)) - 30) < 0.01)
    #expect(abs(try rate(range(0.01, 1, 0.02)) - 1 / 0.03) < 0.01)
    #expect(abs(try rate(range(0.2, 1, 0.1)) - 5) < 0.01)
    #expect(abs(try rate(range(0.001, 0.01, 0)) - 100) < 0.01)
    // What drivers should not say.
    #expect(try rate(range(0, 0, 0)) > 0)
    #expect(
      try best([CameraModeOffer(format: .nv12, width: 9, height: 9, rates: .unknown)], Self.fullHD).interval == nil)
    #expect(CameraModeChooser.best(of: [], for: Self.fullHD) == nil)
    #expect(CameraModeChooser.best(of: [Self.offer(.nv12, 0, 0, 30)], for: Self.fullHD) == nil)
  }
}
