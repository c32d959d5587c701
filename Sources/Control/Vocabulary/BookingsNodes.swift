import Catalogue

extension ControlTree {
  static let bookingsNodes: [ControlNode] = [
    .command(
      "Bookings List", "Donne les réunions de la salle.", "Lists the room's meetings.", isPersonal: true,
      [
        .optional(
          "Days", .integer(1...365), "Nombre de jours ; un sans autre indication.",
          "How many days; one if it is left out."),
        .optional("DayOffset", .integer(0...365), "Premier jour ; 0 pour aujourd'hui.", "The first day; 0 is today."),
        .optional("Limit", .integer(1...1_024), "Nombre de réunions au plus.", "How many meetings at most."),
        .optional("Offset", .integer(0...65_534), "Nombre de réunions à sauter.", "How many meetings to skip."),
      ],
      results: [
        .required("ResultInfo TotalRows", .count, "Nombre de réunions en tout.", "How many meetings there are in all."),
        .optional("Booking[n] Id", .line, "Identité de la réunion.", "The meeting's identity."),
        .optional(
          "Booking[n] Title", .line, "Titre ; « réservé » si la réunion est privée.",
          "The title; “réservé” if the meeting is private."),
        .optional("Booking[n] Privacy", .literal(["Public", "Private"]), "Publique ou privée.", "Public or private."),
        .optional("Booking[n] Organizer FirstName", .line, "Prénom de l'organisateur.", "The organiser's first name."),
        .optional("Booking[n] Organizer LastName", .line, "Nom de l'organisateur.", "The organiser's last name."),
        .optional("Booking[n] Time StartTime", .line, "Début (RFC 3339).", "When it begins (RFC 3339)."),
        .optional("Booking[n] Time EndTime", .line, "Fin (RFC 3339).", "When it ends (RFC 3339)."),
        .optional("Booking[n] DialInfo Calls Call[n] Number", .line, "Code ou lien Visio.", "The Visio code or link."),
        .optional("Booking[n] DialInfo Calls Call[n] Protocol", .literal(["WebRTC"]), "Protocole.", "The protocol."),
      ]),
    .command(
      "Bookings Put", "Remplace les réunions de la salle par celles du texte JSON qui suit.",
      "Replaces the room's meetings by those of the JSON text that follows.", role: .integrator, isPersonal: true,
      takesBody: true),
    .setting(
      "Bookings Calendar Url", .string(0...1_024), standard: .string(""), isPersonal: true,
      "Adresse du calendrier de la salle : collection CalDAV ou fichier .ics ; vide pour aucun.",
      "The address of the room's calendar: a CalDAV collection or an .ics file; empty for none."),
    .setting(
      "Bookings Calendar UserName", .string(0...255), standard: .string(""), isPersonal: true,
      "Nom sous lequel la salle lit son calendrier.", "The name by which the room reads its calendar."),
    .command(
      "Bookings Calendar SetPassword", "Enregistre le mot de passe du calendrier ; vide pour l'oublier.",
      "Stores the calendar's password; empty to forget it.", role: .admin, isPersonal: true,
      [
        .required(
          "Password", .string(0...255), "Le mot de passe, que rien ne montre plus.",
          "The password, which nothing shows any more.")
      ]),
    .state(
      "Bookings Calendar Status",
      .literal(["Off", "Starting", "OK", "Unreachable", "Refused", "NotFound", "Unreadable", "InvalidUrl"]),
      initially: .literal("Off"), "Indique si le calendrier a pu être lu la dernière fois.",
      "Whether the calendar could be read the last time."),
    .state(
      "Bookings Calendar LastUpdate", .line, initially: .string(""),
      "Dernière lecture du calendrier (RFC 3339).", "When the calendar was read last (RFC 3339)."),
    .state(
      "Bookings Availability Status", .literal(["Free", "FreeUntil", "BookedUntil"]), initially: .literal("Free"),
      "Indique si la salle est libre.", "Whether the room is free."),
    .state(
      "Bookings Availability TimeStamp", .line, initially: .string(""), "Jusqu'à quand (RFC 3339).",
      "Until when (RFC 3339)."),
    .state(
      "Bookings Current Id", .line, initially: .string(""), isPersonal: true, "Identité de la réunion en cours.",
      "The identity of the meeting that is on."),
    .event("Bookings Start", "Une réunion commence.", "A meeting begins.", isPersonal: true, [booking]),
    .event("Bookings End", "Une réunion se termine.", "A meeting ends.", isPersonal: true, [booking]),
    .event("Bookings Updated", "Les réunions ont changé.", "The meetings have changed.", []),
  ]

  private static let booking = ControlField.required("Id", .line, "Identité de la réunion.", "The meeting's identity.")
}
