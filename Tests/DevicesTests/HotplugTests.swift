import Realtime
import Testing

@testable import Devices

@Suite("Kernel events") struct KernelEventTests {
  private func parse(_ text: String) throws(KernelEvent.ParsingError) -> KernelEvent {
    let bytes = Array(text.utf8)
    var result: Result<KernelEvent, KernelEvent.ParsingError>?
    bytes.withUnsafeBytes { bytes in
      do throws(KernelEvent.ParsingError) {
        result = .success(try KernelEvent(parsing: bytes))
      } catch { result = .failure(error) }
    }
    guard let result else { throw .noHeader }
    return try result.get()
  }

  private static let camera = """
    add@/devices/platform/vhci_hcd.0/usb1/1-1/1-1:1.0/video4linux/video0\0ACTION=add\0\
    DEVPATH=/devices/platform/vhci_hcd.0/usb1/1-1/1-1:1.0/video4linux/video0\0SUBSYSTEM=video4linux\0MAJOR=81\0\
    MINOR=0\0DEVNAME=video0\0SEQNUM=1234\0
    """

  @Test func readsWhatTheKernelSends() throws {
    let event = try parse(Self.camera)
    #expect(event.action == .add)
    #expect(event.subsystem == "video4linux")
    #expect(event.devicePath == "/devices/platform/vhci_hcd.0/usb1/1-1/1-1:1.0/video4linux/video0")
    #expect(event.properties["DEVNAME"] == "video0")
    #expect(event.properties["SEQNUM"] == "1234")
  }

  @Test func keepsEqualSignsInValuesAndTakesEmptyValues() throws {
    let event = try parse("change@/devices/a\0DEVPATH=/devices/a\0MODALIAS=a=b=c\0EMPTY=\0")
    #expect(event.properties["MODALIAS"] == "a=b=c")
    #expect(event.properties["EMPTY"] == "")
    #expect(event.subsystem.isEmpty)
  }

  @Test(arguments: [
    ("", KernelEvent.ParsingError.noHeader), ("libudev\0\u{1}\u{2}", .noHeader), ("add@relative\0", .noHeader),
    ("explode@/devices/a\0", .unknownAction), ("add@/devices/a\0NOTHING\0", .malformedProperty),
    ("add@/devices/a\0=value\0", .malformedProperty), ("add@/devices/a\0DEVPATH=/devices/b\0", .malformedProperty),
  ])
  func refusesWhatIsNone(text: String, error: KernelEvent.ParsingError) {
    #expect(throws: error) { try parse(text) }
  }

  @Test func refusesLongOnes() {
    let text = "add@/devices/a\0X=" + String(repeating: "x", count: KernelEvent.maximumLength)
    #expect(throws: KernelEvent.ParsingError.tooLong) { try parse(text) }
  }

  @Test func everyBeginningIsReadOrRefused() {
    for count in 0..<Self.camera.utf8.count {
      let text = String(decoding: Array(Self.camera.utf8.prefix(count)), as: UTF8.self)
      let event = try? parse(text)
      #expect(event == nil || event?.action == .add)
    }
  }
}

@Suite("Changes of devices") struct ChangeCoalescerTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  @Test func reportsOnceAfterAMomentOfQuiet() {
    var coalescer = ChangeCoalescer()
    #expect(coalescer.deadline == nil)
    for index in 0..<5 { coalescer.note(.video, at: start + .milliseconds(10 * index)) }
    #expect(coalescer.take(at: start + .milliseconds(99)) == [])
    #expect(coalescer.deadline == start + .milliseconds(100))
    #expect(coalescer.take(at: start + .milliseconds(100)) == [.video])
    #expect(coalescer.take(at: start + .seconds(1)) == [])
  }

  @Test func isNotPutOffForEver() throws {
    var coalescer = ChangeCoalescer()
    var reports = 0
    for step in 0..<100 {
      let now = start + .milliseconds(10 * step)
      coalescer.note(.sound, at: now)
      reports += coalescer.take(at: now).count
    }
    #expect((2...4).contains(reports))
  }

  @Test func keepsClassesApart() {
    var coalescer = ChangeCoalescer()
    coalescer.note(.video, at: start)
    coalescer.note(.display, at: start + .milliseconds(50))
    #expect(coalescer.take(at: start + .milliseconds(70)) == [.video])
    #expect(coalescer.take(at: start + .milliseconds(110)) == [.display])
  }
}
