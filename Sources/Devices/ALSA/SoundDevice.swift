import CALSA
import Glibc

/// What a PCM device can do.
public struct SoundCapabilities: Hashable, Sendable {
  /// Numbers of channels, from the least to the most; not all between need be possible.
  public var channelCounts: ClosedRange<Int>
  /// Those of 16, 32, 44.1, 48 and 96 kHz that it has, in Hz.
  public var sampleRates: [Int]
  /// Sample formats of those that are used here.
  public var formats: [PCMSampleFormat]

  /// A device that can do this.
  public init(channelCounts: ClosedRange<Int>, sampleRates: [Int], formats: [PCMSampleFormat]) {
    self.channelCounts = channelCounts
    self.sampleRates = sampleRates
    self.formats = formats
  }

  /// What it could be used for: it has a rate, a format and a number of channels from 1 to 16.
  public var isUsable: Bool {
    !sampleRates.isEmpty && !formats.isEmpty && channelCounts.lowerBound <= PCMConfiguration.maximumChannelCount
  }
}

/// A microphone or loudspeaker of a sound card: one direction of one PCM device, as the hardware has it.
public struct SoundDevice: Hashable, Sendable {
  /// Where it is now. The card's number may be another the next time.
  public var address: PCMAddress
  /// Which way its sound goes.
  public var direction: SoundDirection
  /// The card's short name, unique among those that are there: "MicArray".
  public var cardID: String
  /// The card's name: "ReSpeaker 4 Mic Array (UAC1.0)".
  public var cardName: String
  /// The device's name on the card: "HDMI 0".
  public var name: String
  /// What it can do; nil when another program holds it, or what was asked for couldn't be found out.
  public var capabilities: SoundCapabilities?
  /// The device's place in sysfs, the real path of /sys/class/sound/cardN/device: stable as long as it stays in the same
  /// socket. Empty for cards without hardware.
  public var sysfsPath: String
  /// By what it is known again.
  public var identity: DeviceIdentity
  /// The screen's answer to what sound it can play, of HDMI and DisplayPort outputs; nil for others. Invalid ones count as
  /// absent.
  public var eld: ELD?
  /// Whether it is an HDMI or DisplayPort output, with a screen or without.
  public var isHDMI: Bool

  /// A device with these properties.
  public init(
    address: PCMAddress, direction: SoundDirection, cardID: String, cardName: String, name: String,
    capabilities: SoundCapabilities?, sysfsPath: String, identity: DeviceIdentity, eld: ELD?, isHDMI: Bool
  ) {
    self.address = address
    self.direction = direction
    self.cardID = cardID
    self.cardName = cardName
    self.name = name
    self.capabilities = capabilities
    self.sysfsPath = sysfsPath
    self.identity = identity
    self.eld = eld
    self.isHDMI = isHDMI
  }

  /// The device's node: "/dev/snd/pcmC0D0c".
  public var node: String {
    "/dev/snd/pcmC\(address.card)D\(address.device)" + (direction == .capture ? "c" : "p")
  }

  /// What is there now, by cards and devices, microphones first. Devices that can't be used at all are left out.
  /// - Parameter direction: only these; nil for both.
  public static func all(_ direction: SoundDirection? = nil) -> [SoundDevice] {
    var devices: [SoundDevice] = []
    var card: Int32 = -1
    while snd_card_next(&card) >= 0, card >= 0 {
      devices += SoundCard.devices(card: Int(card), direction)
    }
    return devices
  }
}

/// Looks at one card.
enum SoundCard {
  static func devices(card: Int, _ direction: SoundDirection?) -> [SoundDevice] {
    salle_alsa_be_quiet()
    var control: OpaquePointer?
    guard snd_ctl_open(&control, "hw:\(card)", Int32(SND_CTL_NONBLOCK)) >= 0, let control else { return [] }
    defer { snd_ctl_close(control) }
    let names = names(control)
    let path = realPath("/sys/class/sound/card\(card)/device") ?? ""
    let identity = DeviceIdentity(sysfsPath: path)
    var devices: [SoundDevice] = []
    var number: Int32 = -1
    while snd_ctl_pcm_next_device(control, &number) >= 0, number >= 0 {
      for side in SoundDirection.allCases where direction == nil || direction == side {
        guard let name = pcmName(control, Int(number), side) else { continue }
        let address = PCMAddress(card: card, device: Int(number))
        let element = side == .playback ? ELDElement(control, device: Int(number)) : nil
        // Some drivers name such an output otherwise, some have no ELD.
        let isHDMI =
          element != nil || side == .playback && (name.contains("HDMI") || name.contains("DisplayPort"))
        let capabilities = SoundCapabilities.probe(address, side)
        if let capabilities, !capabilities.isUsable { continue }
        devices.append(
          SoundDevice(
            address: address, direction: side, cardID: names.id, cardName: names.name, name: name,
            capabilities: capabilities, sysfsPath: path, identity: identity,
            eld: element?.eld, isHDMI: isHDMI))
      }
    }
    return devices
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  private static func names(_ control: OpaquePointer) -> (id: String, name: String) {
    var info: OpaquePointer?
    guard snd_ctl_card_info_malloc(&info) >= 0, let info else { return ("", "") }
    defer { snd_ctl_card_info_free(info) }
    guard snd_ctl_card_info(control, info) >= 0 else { return ("", "") }
    return (text(snd_ctl_card_info_get_id(info)), text(snd_ctl_card_info_get_name(info)))
  }

  /// The device's name, nil if it has no such direction.
  private static func pcmName(_ control: OpaquePointer, _ device: Int, _ direction: SoundDirection) -> String? {
    var info: OpaquePointer?
    guard snd_pcm_info_malloc(&info) >= 0, let info else { return nil }
    defer { snd_pcm_info_free(info) }
    snd_pcm_info_set_device(info, UInt32(device))
    snd_pcm_info_set_subdevice(info, 0)
    snd_pcm_info_set_stream(info, direction.alsa)
    guard snd_ctl_pcm_info(control, info) >= 0 else { return nil }
    let name = text(snd_pcm_info_get_name(info))
    return name.isEmpty ? text(snd_pcm_info_get_id(info)) : name
  }

  /// What devices say of themselves needn't be valid text.
  private static func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
}

extension SoundCapabilities {
  /// Asks the device; nil when it can't be opened.
  static func probe(_ address: PCMAddress, _ direction: SoundDirection) -> SoundCapabilities? {
    guard let pcm = try? PCMHandle.open(address, direction) else { return nil }
    defer { snd_pcm_close(pcm) }
    var parameters: OpaquePointer?
    guard snd_pcm_hw_params_malloc(&parameters) >= 0, let parameters else { return nil }
    defer { snd_pcm_hw_params_free(parameters) }
    guard snd_pcm_hw_params_any(pcm, parameters) >= 0 else { return nil }
    snd_pcm_hw_params_set_rate_resample(pcm, parameters, 0)
    var least: UInt32 = 0
    var most: UInt32 = 0
    guard snd_pcm_hw_params_get_channels_min(parameters, &least) >= 0,
      snd_pcm_hw_params_get_channels_max(parameters, &most) >= 0, least <= most, least > 0
    else { return nil }
    return SoundCapabilities(
      channelCounts: Int(least)...Int(most),
      sampleRates: [16_000, 32_000, 44_100, 48_000, 96_000].filter {
        snd_pcm_hw_params_test_rate(pcm, parameters, UInt32($0), 0) == 0
      },
      formats: PCMSampleFormat.allCases.filter { snd_pcm_hw_params_test_format(pcm, parameters, $0.alsa) == 0 })
  }
}
