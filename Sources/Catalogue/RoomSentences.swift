/// What a room that runs by itself says at its start and end.
public enum RoomSentences {
  /// The room is ready; its control listens.
  public static func ready(name: String) -> Sentence {
    Sentence(french: "\(name) est prête.", english: "\(name) is ready.")
  }

  /// The terminal listens.
  public static func terminal(port: Int) -> Sentence {
    Sentence(french: "Terminal sur TLS, port \(port).", english: "Terminal over TLS on port \(port).")
  }

  /// The panel and its interface listen.
  public static func panel(port: Int) -> Sentence {
    Sentence(
      french: "Panneau tactile, WebSocket et REST : https://localhost:\(port)/.",
      english: "Touch panel, WebSocket and REST: https://localhost:\(port)/.")
  }

  /// The meeting that was to be joined at the start can't be.
  public static func notDialled(number: String) -> Sentence {
    Sentence(
      french: "La réunion « \(number) » ne peut pas être rejointe.",
      english: "The meeting “\(number)” can't be joined.")
  }

  /// Nobody can sign in yet.
  public static let noPassword = Sentence(
    french: "Aucun mot de passe : personne ne peut se connecter. Définissez-en un avec « salle run --set-pin ».",
    english: "There is no password: nobody can sign in. Set one with “salle run --set-pin”.")

  /// Nobody can reach the room.
  public static let notListening = Sentence(
    french: "Les services de la salle ne peuvent pas démarrer.", english: "The room's services cannot start.")

  /// The file of settings was damaged.
  public static func damaged(path: String) -> Sentence {
    Sentence(
      french: "Le fichier de la salle était abîmé ; il est gardé sous \(path), et la salle repart de zéro.",
      english: "The room's file was damaged; it is kept as \(path), and the room begins anew.")
  }

  /// The room can't run.
  public static func unusable(path: String) -> Sentence {
    Sentence(french: "Le dossier \(path) ne peut pas être utilisé.", english: "The directory \(path) cannot be used.")
  }

  /// The password is set.
  public static func passwordSet(name: String) -> Sentence {
    Sentence(french: "Mot de passe de \(name) enregistré.", english: "The password of \(name) is set.")
  }

  /// The password isn't set.
  public static let passwordRefused = Sentence(
    french: "Un mot de passe a de 4 à 256 octets, un nom de 1 à 64 sans espace ni deux-points.",
    english: "A password has 4 to 256 bytes, a name 1 to 64 without space or colon.")

  /// Every sentence here, with an example for what it names.
  public static let all = [
    ready(name: "Rivoli"),
    terminal(port: 1), panel(port: 1), notDialled(number: "abc-defg-hij"), noPassword,
    damaged(path: "/var/lib/salle/room.sqlite.damaged"),
    unusable(path: "/var/lib/salle"), passwordSet(name: "admin"), passwordRefused, notListening,
  ]
}
