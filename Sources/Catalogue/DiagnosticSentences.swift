/// What can be wrong with a room, each with its remedy.
public enum DiagnosticSentences {
  /// Stored settings don't count.
  public static let settingsInvalid = Sentence(
    french: """
      Des réglages enregistrés ne sont plus valables : leurs valeurs d'origine s'appliquent. Réglez-les à nouveau.
      """,
    english: "Some stored settings are no longer valid: their standard values apply. Set them again.")

  /// The file of settings can't be used.
  public static let settingsUnreadable = Sentence(
    french: "Les réglages ne peuvent pas être lus. Vérifiez le disque, puis redémarrez la salle.",
    english: "The settings cannot be read. Check the disk, then restart the room.")

  /// There is neither microphone nor loudspeaker.
  public static let soundMissing = Sentence(
    french: "Ni microphone ni haut-parleur. Vérifiez leur câble et leur alimentation.",
    english: "There is neither microphone nor loudspeaker. Check their cable and power.")

  /// The wished microphone isn't there.
  public static let microphoneMissing = Sentence(
    french: "Aucun microphone. Vérifiez son câble et son alimentation.",
    english: "There is no microphone. Check its cable and power.")

  /// The microphone is there, but can't be opened.
  public static let microphoneUnusable = Sentence(
    french: "Le microphone ne peut pas être ouvert. Débranchez-le, rebranchez-le, et fermez ce qui l'utilise.",
    english: "The microphone cannot be opened. Unplug it, plug it in again, and close what uses it.")

  /// The wished loudspeaker isn't there.
  public static let loudspeakerMissing = Sentence(
    french: "Aucun haut-parleur. Vérifiez son câble et son alimentation.",
    english: "There is no loudspeaker. Check its cable and power.")

  /// The loudspeaker is there, but can't be opened.
  public static let loudspeakerUnusable = Sentence(
    french: "Le haut-parleur ne peut pas être ouvert. Débranchez-le, rebranchez-le, et fermez ce qui l'utilise.",
    english: "The loudspeaker cannot be opened. Unplug it, plug it in again, and close what uses it.")

  /// What the microphone gives is silence.
  public static let microphoneSilent = Sentence(
    french: """
      Le microphone ne capte rien, pas même le bruit de la salle. Vérifiez qu'il n'est pas coupé par son propre \
      bouton.
      """,
    english: "The microphone hears nothing, not even the room's noise. Check that its own button doesn't mute it.")

  /// The microphone is overloaded.
  public static let microphoneClipping = Sentence(
    french: "Le microphone sature. Éloignez-le du haut-parleur ou baissez son niveau.",
    english: "The microphone is overloaded. Move it away from the loudspeaker or turn its level down.")

  /// Microphones of the array are dead.
  public static let microphoneFaulty = Sentence(
    french: """
      Un ou plusieurs microphones du réseau sont muets ou bloqués. Le son est moins bon ; remplacez l'appareil.
      """,
    english: "One or more microphones of the array are dead or stuck. The sound is poorer; replace the device.")

  /// What is played doesn't come back.
  public static let loudspeakerUnheard = Sentence(
    french: """
      Le microphone n'entend rien de ce que joue le haut-parleur. Vérifiez que celui-ci est allumé, et son volume.
      """,
    english: "The microphone hears nothing of what the loudspeaker plays. Check that that is on, and its volume.")

  /// The canceller removes little of the echo.
  public static let echoRemains = Sentence(
    french: """
      L'écho de la salle n'est presque pas annulé. Lancez « salle audio calibrate », et éloignez le microphone du \
      haut-parleur.
      """,
    english: """
      The room's echo is hardly cancelled. Run “salle audio calibrate”, and move the microphone away from the \
      loudspeaker.
      """)

  /// What is sent is heard in the room again.
  public static let howling = Sentence(
    french: "Un larsen est atténué : le son de la salle y revient par un autre haut-parleur. Coupez celui-ci.",
    english: "A howl is turned down: the room's sound comes back by another loudspeaker. Switch that off.")

  /// The audio thread came too late.
  public static let soundLate = Sentence(
    french: """
      Le son a eu des coupures : l'appareil n'arrive pas à suivre. Redémarrez la salle ; si cela continue, \
      prévenez l'assistance.
      """,
    english: "The sound had gaps: the device can't keep up. Restart the room; if it goes on, tell support.")

  /// There is no screen.
  public static let screenMissing = Sentence(
    french: "Aucun écran. Vérifiez son câble et son alimentation.",
    english: "There is no screen. Check its cable and power.")

  /// The display is in standby while the room isn't.
  public static let screenAsleep = Sentence(
    french: """
      L'écran dit qu'il est en veille alors que la salle est réveillée. Allumez-le, et autorisez la commande par \
      HDMI (CEC).
      """,
    english: "The screen says that it is asleep while the room is awake. Turn it on, and allow control by HDMI (CEC).")

  /// The camera isn't there.
  public static let cameraMissing = Sentence(
    french: "La caméra ne donne pas d'image. Vérifiez son câble et son alimentation.",
    english: "The camera gives no picture. Check its cable and power.")

  /// The shutter is closed.
  public static let cameraCovered = Sentence(
    french: "Le cache de la caméra est fermé. Ouvrez-le.",
    english: "The camera's shutter is closed. Open it.")

  /// Another program has the camera.
  public static let cameraBusy = Sentence(
    french: "Un autre programme utilise la caméra. Fermez-le, ou redémarrez la salle.",
    english: "Another program uses the camera. Close it, or restart the room.")

  /// The camera is there but gives nothing.
  public static let cameraFailing = Sentence(
    french: "La caméra est branchée mais ne donne pas d'image. Débranchez-la puis rebranchez-la.",
    english: "The camera is plugged in but gives no picture. Unplug it and plug it in again.")

  /// No interface has a carrier.
  public static let noLink = Sentence(
    french: "Le câble réseau n'est pas branché, ou l'autre bout est éteint.",
    english: "The network cable isn't plugged in, or its other end is off.")

  /// No interface has an address.
  public static let noAddress = Sentence(
    french: "La salle n'a pas d'adresse réseau. Vérifiez le serveur DHCP ou l'adresse fixe.",
    english: "The room has no network address. Check the DHCP server or the fixed address.")

  /// There is no default route.
  public static let noRoute = Sentence(
    french: "Aucune passerelle réseau n'est configurée : rien n'est joignable hors de ce réseau.",
    english: "No gateway is configured: nothing beyond this network can be reached.")

  /// There is no name server.
  public static let noNameServer = Sentence(
    french: "Aucun serveur de noms (DNS) n'est configuré.",
    english: "No name server (DNS) is configured.")

  /// No Visio instance is configured.
  public static let instanceUnset = Sentence(
    french: "L'adresse de Visio n'est pas configurée : seuls les liens entiers peuvent être rejoints.",
    english: "Visio's address isn't configured: only whole links can be joined.")

  /// The instance's name can't be resolved.
  public static let instanceUnknown = Sentence(
    french: "Le nom du service Visio est introuvable. Vérifiez son adresse et le serveur de noms (DNS).",
    english: "The Visio service's name can't be found. Check its address and the name server (DNS).")

  /// The instance can't be reached.
  public static let instanceUnreachable = Sentence(
    french: "Le service Visio est injoignable. Vérifiez le réseau et le pare-feu (TCP 443).",
    english: "The Visio service can't be reached. Check network and firewall (TCP 443).")

  /// The instance's certificate isn't trusted.
  public static let instanceUntrusted = Sentence(
    french: """
      Le certificat du service Visio n'est pas reconnu. Un équipement réseau l'intercepte peut-être ; ajoutez son \
      autorité ou excluez ce service.
      """,
    english: """
      The Visio service's certificate isn't trusted. Perhaps a network device intercepts it; add its authority or \
      exempt this service.
      """)

  /// TLS to the instance fails.
  public static let encryptionFailed = Sentence(
    french: "La connexion chiffrée au service Visio échoue. Vérifiez le mandataire et le pare-feu.",
    english: "The encrypted connection to the Visio service fails. Check proxy and firewall.")

  /// Something else than Visio answers.
  public static let instanceForeign = Sentence(
    french: "L'adresse configurée n'est pas celle d'un service Visio, ou le réseau demande une connexion.",
    english: "The configured address isn't a Visio service's, or the network asks to sign in.")

  /// The instance answers with an error.
  public static let instanceFailing = Sentence(
    french: "Le service Visio répond par une erreur. Réessayez plus tard ; si cela continue, prévenez l'assistance.",
    english: "The Visio service answers with an error. Try again later; if it goes on, tell support.")

  /// Media couldn't get through.
  public static let mediaBlocked = Sentence(
    french: """
      La dernière réunion a échoué : le réseau bloque le son et l'image. Ouvrez l'UDP ou le TURN/TLS vers le \
      serveur de média.
      """,
    english: """
      The last meeting failed: the network blocks sound and picture. Open UDP or TURN/TLS to the media server.
      """)

  /// The clock is far off.
  public static let clockWrong = Sentence(
    french: "L'horloge de la salle est fausse. Vérifiez le serveur de temps (NTP).",
    english: "The room's clock is wrong. Check the time server (NTP).")

  /// Nothing sets the clock.
  public static let clockUnsynchronised = Sentence(
    french: "L'horloge de la salle n'est pas synchronisée. Vérifiez le serveur de temps (NTP).",
    english: "The room's clock isn't synchronised. Check the time server (NTP).")

  /// The room's certificate expires soon.
  public static let certificateExpiring = Sentence(
    french: "Le certificat de la salle expire dans moins de 30 jours. Remplacez-le.",
    english: "The room's certificate expires in less than 30 days. Replace it.")

  /// The room's certificate has expired.
  public static let certificateExpired = Sentence(
    french: "Le certificat de la salle a expiré : les panneaux refusent de se connecter. Remplacez-le.",
    english: "The room's certificate has expired: panels refuse to connect. Replace it.")

  /// There is no room on the disk.
  public static let diskFull = Sentence(
    french: "Le disque est presque plein : les réglages ne peuvent plus être enregistrés. Prévenez l'assistance.",
    english: "The disk is almost full: settings can't be stored any more. Tell support.")

  /// Nothing can be written.
  public static let diskReadOnly = Sentence(
    french: "Le disque est en lecture seule, sans doute abîmé. Redémarrez la salle, puis prévenez l'assistance.",
    english: "The disk is read-only, probably damaged. Restart the room, then tell support.")

  /// The file of settings was set aside.
  public static let storageDamaged = Sentence(
    french: "Le fichier de la salle était abîmé et a été mis de côté : refaites les réglages.",
    english: "The room's file was damaged and has been set aside: set the room up again.")

  /// The device is too hot.
  public static let tooHot = Sentence(
    french: "L'appareil est trop chaud et ralentit. Dégagez ses ouvertures et éloignez-le de toute source de chaleur.",
    english: "The device is too hot and slows down. Clear its vents and move it away from heat.")

  /// The supply is too weak.
  public static let underVoltage = Sentence(
    french: "L'alimentation de l'appareil est trop faible. Utilisez le bloc fourni.",
    english: "The device's power supply is too weak. Use the one that came with it.")

  /// There is little memory left.
  public static let memoryLow = Sentence(
    french: "La mémoire de l'appareil est presque épuisée. Redémarrez la salle, et prévenez l'assistance.",
    english: "The device's memory is almost used up. Restart the room, and tell support.")

  /// Nobody can sign in.
  public static let passwordUnset = Sentence(
    french: "Aucun PIN n'est défini : personne ne peut ouvrir le panneau.",
    english: "No PIN is set: nobody can open the panel.")

  /// The calendar can't be had.
  public static let calendarUnreachable = Sentence(
    french: "Le calendrier de la salle ne répond pas. Les réunions affichées peuvent être anciennes.",
    english: "The room's calendar doesn't answer. The meetings shown may be old.")

  /// The calendar refuses the room.
  public static let calendarRefused = Sentence(
    french: "Le calendrier refuse le nom ou le mot de passe de la salle, ou son certificat n'est pas reconnu.",
    english: "The calendar refuses the room's name or password, or its certificate isn't trusted.")

  /// There is no calendar at the address.
  public static let calendarInvalid = Sentence(
    french: "L'adresse du calendrier de la salle n'est pas celle d'un calendrier.",
    english: "The address of the room's calendar isn't a calendar's.")

  /// Every sentence here.
  public static let all = [
    settingsInvalid, settingsUnreadable, soundMissing, microphoneMissing, microphoneUnusable, loudspeakerMissing,
    loudspeakerUnusable, microphoneSilent, microphoneClipping, microphoneFaulty, loudspeakerUnheard, echoRemains,
    howling, soundLate, screenMissing, screenAsleep, cameraMissing, cameraCovered, cameraBusy, cameraFailing, noLink,
    noAddress, noRoute, noNameServer, instanceUnset, instanceUnknown, instanceUnreachable, instanceUntrusted,
    encryptionFailed, instanceForeign, instanceFailing, mediaBlocked, clockWrong, clockUnsynchronised,
    certificateExpiring, certificateExpired, diskFull, diskReadOnly, storageDamaged, tooHot, underVoltage, memoryLow,
    passwordUnset, calendarUnreachable, calendarRefused, calendarInvalid,
  ]
}
