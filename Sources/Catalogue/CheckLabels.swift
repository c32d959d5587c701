/// What the figures of a device's check are called; the units belong to them.
public enum CheckLabels {
  /// The size of the picture.
  public static let width = Sentence(french: "largeur, pixels", english: "width, pixels")
  /// The size of the picture.
  public static let height = Sentence(french: "hauteur, pixels", english: "height, pixels")
  /// Pictures that came.
  public static let rate = Sentence(french: "images par seconde", english: "pictures per second")
  /// The longest time without a picture.
  public static let longestGap = Sentence(
    french: "plus long intervalle entre deux images, ms", english: "longest time from picture to picture, ms")
  /// Mean luma.
  public static let brightness = Sentence(
    french: "luminosité (16 noir, 235 blanc)", english: "brightness (16 black, 235 white)")
  /// Pictures that were broken.
  public static let faults = Sentence(french: "images défectueuses", english: "broken pictures")
  /// A channel's level.
  public static func level(channel: Int) -> Sentence {
    Sentence(french: "niveau du canal \(channel), dBFS", english: "level of channel \(channel), dBFS")
  }
  /// A channel's peak.
  public static func peak(channel: Int) -> Sentence {
    Sentence(french: "crête du canal \(channel), dBFS", english: "peak of channel \(channel), dBFS")
  }
  /// The clock's error.
  public static let drift = Sentence(french: "écart d'horloge, ppm", english: "clock error, ppm")
  /// Latency.
  public static let delay = Sentence(french: "retard, ms", english: "delay, ms")
  /// The test tone as the microphones hear it.
  public static let heard = Sentence(
    french: "son d'essai entendu par le microphone, dB au-dessus du silence",
    english: "test tone heard by the microphone, dB above silence")
  /// Pixels read back.
  public static let identical = Sentence(
    french: "pixels relus à l'identique, %", english: "pixels read back the same, %")

  /// Every label here, with an example for what it names.
  public static let all = [
    width, height, rate, longestGap, brightness, faults, level(channel: 1), peak(channel: 1), drift, delay, heard,
    identical,
  ]
}
