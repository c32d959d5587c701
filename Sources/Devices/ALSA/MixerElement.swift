import CALSA

/// The hardware's own control of a card's level, where it has one: a simple element of ALSA's mixer.
///
/// Not for the audio thread: it asks the card through system calls. Belongs to one thread at a time.
final class MixerElement {
  /// What cards call their main control, likeliest first.
  private static let names: [SoundDirection: [String]] = [
    .playback: ["Master", "Speaker", "PCM", "Headset", "Headphone", "Digital", "Line Out"],
    .capture: ["Capture", "Mic", "Microphone", "Headset", "Internal Mic", "Front Mic", "Digital", "ADC"],
  ]

  /// The element's name.
  let name: String
  private let mixer: OpaquePointer
  private let element: OpaquePointer
  private let direction: SoundDirection
  /// In hundredths of a decibel; nil when the card doesn't know its steps in decibels.
  private let decibels: ClosedRange<Int>?

  /// The main control of card number `card`; nil if it has none.
  init?(card: Int, _ direction: SoundDirection) {
    salle_alsa_be_quiet()
    var opened: OpaquePointer?
    guard snd_mixer_open(&opened, 0) >= 0, let mixer = opened else { return nil }
    guard snd_mixer_attach(mixer, "hw:\(card)") >= 0, snd_mixer_selem_register(mixer, nil, nil) >= 0,
      snd_mixer_load(mixer) >= 0, let found = Self.find(mixer, direction)
    else {
      snd_mixer_close(mixer)
      return nil
    }
    self.mixer = mixer
    self.direction = direction
    (element, name) = found
    var least = 0
    var most = 0
    let status =
      direction == .playback
      ? snd_mixer_selem_get_playback_dB_range(element, &least, &most)
      : snd_mixer_selem_get_capture_dB_range(element, &least, &most)
    decibels = status >= 0 && least < most ? least...most : nil
  }

  deinit { snd_mixer_close(mixer) }

  private static func find(_ mixer: OpaquePointer, _ direction: SoundDirection) -> (OpaquePointer, String)? {
    var best: (rank: Int, element: OpaquePointer, name: String)?
    var next = snd_mixer_first_elem(mixer)
    while let element = next {
      next = snd_mixer_elem_next(element)
      let hasVolume =
        direction == .playback
        ? snd_mixer_selem_has_playback_volume(element) : snd_mixer_selem_has_capture_volume(element)
      guard hasVolume != 0, snd_mixer_selem_is_active(element) != 0 else { continue }
      let name = snd_mixer_selem_get_name(element).map { String(cString: $0) } ?? ""
      let rank = names[direction]?.firstIndex(of: name) ?? .max
      if best == nil || rank < best?.rank ?? 0 { best = (rank, element, name) }
    }
    return best.map { ($0.element, $0.name) }
  }

  /// Sets the level as near below `wished` dB as the hardware can, and switches it on.
  /// - Returns: what it is now, in dB; nil when the card doesn't know.
  func set(_ wished: Double) -> Double? {
    guard wished.isFinite else { return nil }
    setSwitch(true)
    guard let decibels else { return nil }
    let value = min(max(Int((wished * 100).rounded()), decibels.lowerBound), decibels.upperBound)
    var actual = 0
    if direction == .playback {
      snd_mixer_selem_set_playback_dB_all(element, value, -1)
      guard snd_mixer_selem_get_playback_dB(element, SND_MIXER_SCHN_FRONT_LEFT, &actual) >= 0 else { return nil }
    } else {
      snd_mixer_selem_set_capture_dB_all(element, value, -1)
      guard snd_mixer_selem_get_capture_dB(element, SND_MIXER_SCHN_FRONT_LEFT, &actual) >= 0 else { return nil }
    }
    return Double(actual) / 100
  }

  private func setSwitch(_ isOn: Bool) {
    if direction == .playback, snd_mixer_selem_has_playback_switch(element) != 0 {
      snd_mixer_selem_set_playback_switch_all(element, isOn ? 1 : 0)
    }
    if direction == .capture, snd_mixer_selem_has_capture_switch(element) != 0 {
      snd_mixer_selem_set_capture_switch_all(element, isOn ? 1 : 0)
    }
  }
}
