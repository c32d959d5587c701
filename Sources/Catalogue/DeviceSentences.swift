/// What is said of a camera, microphone, loudspeaker or screen that can't be used.
public enum DeviceSentences {
  /// The camera, or the file in its place, can't be read.
  public static func cameraUnreadable(name: String) -> Sentence {
    Sentence(
      french: "La caméra « \(name) » est inutilisable.",
      english: "The camera “\(name)” cannot be used.")
  }

  /// The microphone, or the file in its place, can't be read.
  public static func microphoneUnreadable(name: String) -> Sentence {
    Sentence(
      french: "Le microphone « \(name) » est inutilisable.",
      english: "The microphone “\(name)” cannot be used.")
  }

  /// The loudspeaker, or the file in its place, can't be written.
  public static func speakerUnwritable(name: String) -> Sentence {
    Sentence(
      french: "Le haut-parleur « \(name) » est inutilisable.",
      english: "The loudspeaker “\(name)” cannot be used.")
  }

  /// The room's sound as a whole can't be used.
  public static let soundUnusable = Sentence(
    french: "Le son de la salle est inutilisable.",
    english: "The room's sound cannot be used.")

  /// The screen, or what stands in its place, can't be used.
  public static func screenUnusable(name: String) -> Sentence {
    Sentence(
      french: "L'écran « \(name) » est inutilisable.",
      english: "The screen “\(name)” cannot be used.")
  }

  /// A file that tells of the room can't be written.
  public static func fileUnwritable(path: String) -> Sentence {
    Sentence(
      french: "Impossible d'écrire le fichier « \(path) ».", english: "The file “\(path)” cannot be written.")
  }

  /// The room's profile can't be read.
  public static func profileUnreadable(path: String) -> Sentence {
    Sentence(
      french: "Le profil de la salle « \(path) » est inutilisable.",
      english: "The room's profile “\(path)” cannot be used.")
  }

  /// Every sentence here, with an example for what it names.
  public static let all = [
    cameraUnreadable(name: "salle.y4m"), microphoneUnreadable(name: "salle.wav"),
    speakerUnwritable(name: "sortie.wav"), soundUnusable, screenUnusable(name: "HDMI-1"),
    profileUnreadable(path: "salle.json"), fileUnwritable(path: "salle.json"),
  ]
}
