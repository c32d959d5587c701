import Catalogue

extension ControlTree {
  static let callNodes: [ControlNode] = [
    .command(
      "Dial", "Rejoint une réunion Visio.", "Joins a Visio meeting.", isPersonal: true,
      [
        .required("Number", .string(1...255), "Code ou lien de la réunion.", "The meeting's code or link."),
        .optional(
          "Protocol", .literal(["H320", "H323", "Sip", "Spark", "WebRTC"]),
          "Accepté des pilotes existants, sans effet.", "Accepted from existing drivers, without effect."),
        .optional(
          "CallRate", .integer(64...6_000), "Accepté des pilotes existants, sans effet : le débit s'adapte seul.",
          "Accepted from existing drivers, without effect: the rate adapts by itself."),
        .optional(
          "CallType", .literal(["Auto", "Audio", "Video"]), "Accepté des pilotes existants, sans effet.",
          "Accepted from existing drivers, without effect."),
      ], results: [.thisCallID]),
    .command("Call Accept", "Accepte l'appel entrant.", "Accepts the incoming call.", [.callID]),
    .command("Call Reject", "Refuse l'appel entrant.", "Rejects the incoming call.", [.callID]),
    .command(
      "Call Disconnect", "Quitte la réunion, ou renonce à la rejoindre.", "Leaves the meeting, or gives up joining it.",
      [.callID]),
    .state(
      "Call[n] Status",
      .literal(["Dialling", "Ringing", "Connecting", "Connected", "OnHold", "Disconnecting", "Idle"]),
      "Avancement de l'appel ; « OnHold » dans la salle d'attente.", "How far the call is; “OnHold” in the lobby."),
    .state(
      "Call[n] Direction", .literal(["Incoming", "Outgoing"]), "Qui a appelé.", "Who called."),
    .state(
      "Call[n] AnswerState", .literal(["Unanswered", "Answered", "Autoanswered"]), "Indique si l'appel a été accepté.",
      "Whether the call was accepted."),
    .state(
      "Call[n] CallType", .literal(["Audio", "Video"]), "Image et son, ou son seul.",
      "Picture and sound, or sound alone."),
    .state("Call[n] Protocol", .literal(["WebRTC"]), "Protocole de l'appel.", "The call's protocol."),
    .state(
      "Call[n] DisplayName", .line, isPersonal: true, "Nom de la réunion, à défaut son code.",
      "The meeting's name, or else its code."),
    .state("Call[n] RemoteNumber", .line, isPersonal: true, "Code de la réunion.", "The meeting's code."),
    .state(
      "Call[n] CallbackNumber", .line, isPersonal: true, "Ce qu'il faut composer pour revenir.",
      "What to dial to come back."),
    .state("Call[n] Duration", .count, "Durée de l'appel, en secondes.", "How long the call has lasted, in seconds."),
    .event(
      "OutgoingCallIndication", "La salle va rejoindre une réunion.", "The room is about to join a meeting.",
      [.thisCallID]),
    .event(
      "IncomingCallIndication", "La salle est invitée à une réunion.", "The room is invited to a meeting.",
      isPersonal: true,
      [
        .thisCallID,
        .required("RemoteURI", .line, "Code de la réunion.", "The meeting's code."),
        .required("DisplayNameValue", .line, "Nom de la réunion.", "The meeting's name."),
      ]),
    .event(
      "CallSuccessful", "La salle est dans la réunion.", "The room is in the meeting.", isPersonal: true,
      [
        .thisCallID,
        .required("Protocol", .line, "Protocole de l'appel.", "The call's protocol."),
        .required("Direction", .line, "Qui a appelé.", "Who called."),
        .required("RemoteURI", .line, "Code de la réunion.", "The meeting's code."),
      ]),
    .event(
      "CallDisconnect", "La salle n'est plus dans la réunion.", "The room is no longer in the meeting.",
      [
        .thisCallID,
        .required("CauseValue", .integer(0...255), "Numéro de la cause.", "The cause's number."),
        .required("CauseString", .line, "Cause, pour les personnes.", "The cause, for people."),
        .required(
          "CauseType",
          .literal([
            "LocalDisconnect", "RemoteDisconnect", "Rejected", "Unanswered", "Removed", "Replaced", "NetworkLost",
            "NotFound", "Other",
          ]), "Cause de la fin.", "Why it ended."),
        .required("OrigCallDirection", .line, "Qui avait appelé.", "Who had called."),
      ]),
  ]
}
