/// What is said of a Visio instance that doesn't answer as it should.
public enum InstanceSentences {
  /// The name of the host can't be resolved.
  public static func notFound(host: String) -> Sentence {
    Sentence(
      french: "L'adresse \(host) est introuvable. Vérifiez le lien et la connexion au réseau.",
      english: "The address \(host) cannot be found. Check the link and the network connection.")
  }

  /// No connection to the host.
  public static func unreachable(host: String) -> Sentence {
    Sentence(
      french: "Le service \(host) est injoignable. Vérifiez la connexion au réseau.",
      english: "The service \(host) cannot be reached. Check the network connection.")
  }

  /// The host doesn't answer in time.
  public static func timedOut(host: String) -> Sentence {
    Sentence(
      french: "Le service \(host) ne répond pas. Réessayez dans un instant.",
      english: "The service \(host) is not responding. Try again in a moment.")
  }

  /// The host's certificate isn't trusted.
  public static func untrusted(host: String) -> Sentence {
    Sentence(
      french: """
        La connexion à \(host) n'est pas sûre : son certificat n'est pas reconnu. Vérifiez la date et \
        l'heure de l'équipement, puis prévenez votre service informatique.
        """,
      english: """
        The connection to \(host) is not secure: its certificate is not trusted. Check the equipment's date \
        and time, then tell your IT service.
        """)
  }

  /// No secure connection could be made.
  public static func insecure(host: String) -> Sentence {
    Sentence(
      french: "La connexion sécurisée à \(host) a échoué. Prévenez votre service informatique.",
      english: "The secure connection to \(host) failed. Tell your IT service.")
  }

  /// The host answers, but it isn't Visio; also what a network's sign-in page looks like.
  public static func notVisio(host: String) -> Sentence {
    Sentence(
      french: "\(host) n'est pas un service Visio, ou le réseau demande une identification.",
      english: "\(host) is not a Visio service, or the network asks you to sign in.")
  }

  /// The host sends us elsewhere in a way that isn't followed.
  public static func redirected(host: String) -> Sentence {
    Sentence(
      french: "Le service \(host) a changé d'adresse. Vérifiez l'adresse configurée pour la salle.",
      english: "The service \(host) has moved. Check the address configured for the room.")
  }

  /// The instance has failed.
  public static func failed(host: String) -> Sentence {
    Sentence(
      french: "Le service \(host) rencontre un problème. Réessayez dans quelques minutes.",
      english: "The service \(host) has a problem. Try again in a few minutes.")
  }

  /// The instance asks to be left alone for a while.
  public static func busy(host: String) -> Sentence {
    Sentence(
      french: "Le service \(host) reçoit trop de demandes. Réessayez dans une minute.",
      english: "The service \(host) is receiving too many requests. Try again in a minute.")
  }

  /// The instance's answer isn't understood.
  public static func unreadable(host: String) -> Sentence {
    Sentence(
      french: "La réponse de \(host) est illisible. La salle a peut-être besoin d'une mise à jour.",
      english: "The answer from \(host) cannot be read. The room may need an update.")
  }

  /// Every sentence here, with an example for what it names.
  public static let all = [
    notFound(host: "visio.example"), unreachable(host: "visio.example"), timedOut(host: "visio.example"),
    untrusted(host: "visio.example"), insecure(host: "visio.example"), notVisio(host: "visio.example"),
    redirected(host: "visio.example"), failed(host: "visio.example"), busy(host: "visio.example"),
    unreadable(host: "visio.example"),
  ]
}
