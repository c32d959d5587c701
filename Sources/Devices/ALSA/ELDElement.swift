import CALSA

/// The control through which a sound driver shows a screen's ELD: the mark of outputs to screens, whatever they are called.
struct ELDElement {
  /// The most bytes that a control of bytes can have.
  private static let maximumCount = 512

  /// What the screen says; nil without a screen, or when it is invalid.
  let eld: ELD?

  /// The control of PCM device `device`; nil where the driver has none.
  init?(_ control: OpaquePointer, device: Int) {
    var value: OpaquePointer?
    var information: OpaquePointer?
    guard snd_ctl_elem_value_malloc(&value) >= 0, let value else { return nil }
    defer { snd_ctl_elem_value_free(value) }
    guard snd_ctl_elem_info_malloc(&information) >= 0, let information else { return nil }
    defer { snd_ctl_elem_info_free(information) }
    snd_ctl_elem_info_set_interface(information, SND_CTL_ELEM_IFACE_PCM)
    snd_ctl_elem_info_set_name(information, "ELD")
    snd_ctl_elem_info_set_device(information, UInt32(device))
    guard snd_ctl_elem_info(control, information) >= 0,
      snd_ctl_elem_info_get_type(information) == SND_CTL_ELEM_TYPE_BYTES
    else { return nil }
    let count = min(Int(snd_ctl_elem_info_get_count(information)), Self.maximumCount)
    snd_ctl_elem_value_set_interface(value, SND_CTL_ELEM_IFACE_PCM)
    snd_ctl_elem_value_set_name(value, "ELD")
    snd_ctl_elem_value_set_device(value, UInt32(device))
    guard snd_ctl_elem_read(control, value) >= 0, let bytes = snd_ctl_elem_value_get_bytes(value) else {
      eld = nil
      return
    }
    eld = try? ELD(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
  }
}
