import Audio
import CALSA
import Devices
import Testing

/// What drivers of HDMI outputs tell of a screen, through the kernel's own controls: added to snd-aloop's card, which has
/// no screen, as programs may add them to any card.
@Suite(.serialized, .lab("sound")) struct HDMISoundTests {
  /// The control of a card that holds an ELD, from adding to removing it.
  private final class Element {
    private static let count = 96
    private let control: OpaquePointer
    private let value: OpaquePointer

    init(card: Int, device: Int) throws {
      var control: OpaquePointer?
      var information: OpaquePointer?
      var value: OpaquePointer?
      guard snd_ctl_open(&control, "hw:\(card)", 0) >= 0, let control, snd_ctl_elem_info_malloc(&information) >= 0,
        let information, snd_ctl_elem_value_malloc(&value) >= 0, let value
      else { throw LabError(what: "open the card's controls", code: 0) }
      defer { snd_ctl_elem_info_free(information) }
      self.control = control
      self.value = value
      snd_ctl_elem_info_set_interface(information, SND_CTL_ELEM_IFACE_PCM)
      snd_ctl_elem_info_set_name(information, "ELD")
      snd_ctl_elem_info_set_device(information, UInt32(device))
      let code = snd_ctl_add_bytes_elem_set(control, information, 1, UInt32(Self.count))
      guard code >= 0 else { throw LabError(what: "add a control", code: -code) }
      snd_ctl_elem_value_set_interface(value, SND_CTL_ELEM_IFACE_PCM)
      snd_ctl_elem_value_set_name(value, "ELD")
      snd_ctl_elem_value_set_device(value, UInt32(device))
    }

    func write(_ bytes: [UInt8]) throws {
      var padded = bytes + [UInt8](repeating: 0, count: Self.count - bytes.count)
      snd_ctl_elem_set_bytes(value, &padded, Self.count)
      let code = snd_ctl_elem_write(control, value)
      guard code >= 0 else { throw LabError(what: "write a control", code: -code) }
    }

    func remove() {
      var identity: OpaquePointer?
      if snd_ctl_elem_id_malloc(&identity) >= 0, let identity {
        snd_ctl_elem_value_get_id(value, identity)
        snd_ctl_elem_remove(control, identity)
        snd_ctl_elem_id_free(identity)
      }
      snd_ctl_elem_value_free(value)
      snd_ctl_close(control)
    }
  }

  private func loudspeaker() throws -> SoundDevice {
    try #require(SoundDevice.all(.playback).first { $0.address.card == 1 && $0.address.device == 0 })
  }

  /// CTA-861's stereo PCM at 48 kHz, of a screen called "LAB TV" (HDA specification, 7.3.3.34.3).
  private var screen: [UInt8] {
    [2 << 3, 0, 6, 0, 3 << 5 | 6, 1 << 4, 20, 1] + [UInt8](repeating: 0, count: 12) + Array("LAB TV".utf8) + [
      1 << 3 | 1, 0x04, 7,
    ]
  }

  @Test func screenIsKnownByItsELD() throws {
    #expect(try !loudspeaker().isHDMI)
    let element = try Element(card: 1, device: 0)
    defer { element.remove() }
    // No screen is plugged in.
    #expect(try loudspeaker().isHDMI)
    #expect(try loudspeaker().eld == nil)
    #expect(try item().isReady == false)
    try element.write(screen)
    let eld = try #require(try loudspeaker().eld)
    #expect(eld.monitorName == "LAB TV" && eld.delayMilliseconds == 40)
    #expect(eld.formats.map(\.sampleRates) == [[48_000]])
    #expect(try item().isReady)
    // Unplugged, and of a version that nobody knows.
    try element.write([])
    #expect(try loudspeaker().eld == nil)
    try element.write([1 << 3, 0, 6, 0, 3 << 5 | 6])
    #expect(try loudspeaker().eld == nil && loudspeaker().isHDMI)
  }

  private func item() throws -> InventoryItem {
    let node = try loudspeaker().address.description
    return try #require(SoundInventory.take().first { $0.role == .loudspeaker && $0.node == node })
  }
}
