/// What stands in place of a camera's picture, for those in the room and those who look on.
public enum CameraSentences {
  /// No camera is plugged in, or it was pulled out.
  public static let disconnected = Sentence(
    french: "La caméra est débranchée.",
    english: "The camera is disconnected.")

  /// The shutter in front of the lens is closed.
  public static let shutterClosed = Sentence(
    french: "Le cache de la caméra est fermé.",
    english: "The camera's privacy shutter is closed.")

  /// Nothing that sends a picture is plugged into the input for presentations.
  public static let noSignal = Sentence(
    french: "Aucun signal sur l'entrée vidéo.",
    english: "No signal at the video input.")

  /// Another program has the camera.
  public static let busy = Sentence(
    french: "Un autre programme utilise la caméra.",
    english: "Another program is using the camera.")

  /// The camera is there but gives no picture.
  public static let failing = Sentence(
    french: "La caméra ne donne pas d'image.",
    english: "The camera gives no picture.")

  /// Every sentence here.
  public static let all = [disconnected, shutterClosed, noSignal, busy, failing]
}
