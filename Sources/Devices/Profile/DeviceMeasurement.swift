import Audio

/// A room's own microphone and loudspeaker, opened to be measured.
public struct DeviceMeasurement {
  /// Why nothing can be measured.
  public enum Failure: Error, Equatable {
    /// There is no microphone, or no loudspeaker.
    case noDevice
  }

  /// The microphone's name, for people.
  public let microphoneName: String
  /// The loudspeaker's name, for people.
  public let loudspeakerName: String
  private let rules: (microphone: String, loudspeaker: String)
  private let capture: ALSACapture
  private let playback: ALSAPlayback
  private let array: MicrophoneArray?

  /// Opens the devices that are asked for, else the best.
  /// - Parameters:
  ///   - geometry: a file with the microphones' positions; nil for what the array library knows.
  ///   - arrays: the arrays that are known.
  /// - Throws: `Failure`, `ALSAError` when a device can't be opened, or `MediaFileError` when the geometry can't be read.
  public init(
    microphone: DeviceRule?, loudspeaker: DeviceRule?, geometry: String? = nil,
    arrays: ArrayLibrary = ArrayLibrary(folders: ArrayLibrary.folders)
  ) throws {
    let devices = SoundDevice.all()
    let inputs = devices.filter { $0.direction == .capture }
    let outputs = devices.filter { $0.direction == .playback }
    guard let input = Choosing.device(inputs, [microphone].compactMap { $0 }),
      let output = Choosing.device(outputs, [loudspeaker].compactMap { $0 })
    else { throw Failure.noDevice }
    let description = arrays.description(of: input)
    array = try geometry.map { try MicrophoneArray(contentsOf: $0) } ?? description?.array
    // As the meeting opens them.
    capture = try ALSACapture(input.address, description?.request ?? PCMRequest())
    playback = try ALSAPlayback(output.address)
    let (first, second) = (SoundInventory.item(input), SoundInventory.item(output))
    (microphoneName, loudspeakerName) = (first.name, second.name)
    rules = (first.rule.description, second.rule.description)
  }

  /// Measures the room, and says how its devices are to be used.
  public func measure(_ sweep: ExponentialSweep) throws(RoomCalibration.Failure) -> RoomProfile {
    let measurement = try RoomCalibration.measure(capture: capture, playback: playback, sweep: sweep, array: array)
    return RoomProfile(measurement, sweep: sweep, microphone: rules.microphone, loudspeaker: rules.loudspeaker)
  }
}
