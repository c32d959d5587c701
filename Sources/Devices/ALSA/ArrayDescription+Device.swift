extension ArrayDescription {
  /// How a device of this kind is to be opened.
  public var request: PCMRequest {
    var request = PCMRequest(channelCount: channelCount ?? (channels.max() ?? 0) + 1)
    request.channels = channels
    return request
  }

  /// Whether it describes `device`. A device that can't have the channels isn't meant: its firmware is another.
  public func describes(_ device: SoundDevice) -> Bool {
    let isNamed = matches.contains { match in
      switch match {
      case .usb(let vendor, let product):
        device.identity.usb?.vendor == vendor && device.identity.usb?.product == product
      case .card(let text): device.cardName.contains(text) || device.cardID.contains(text)
      }
    }
    guard isNamed, let possible = device.capabilities?.channelCounts else { return isNamed }
    if let channelCount { return possible.contains(channelCount) }
    return possible.upperBound > channels.max() ?? 0
  }
}
