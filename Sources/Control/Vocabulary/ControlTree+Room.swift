import Catalogue

extension ControlTree {
  /// The tree of a Visio room: the names that drivers of control systems know, and Salle's own.
  public static let room = ControlTree(
    [
      audioNodes, callNodes, conferenceNodes, presentationNodes, videoNodes, cameraNodes, standbyNodes, bookingsNodes,
      userInterfaceNodes, systemNodes, peripheralNodes,
    ].flatMap { $0 })
}

extension ControlField {
  /// Which call; the only one when it is left out.
  static let callID = optional(
    "CallId", .integer(0...65_534), "Numéro de l'appel ; sans lui, l'appel en cours.",
    "The call's number; without it, the present call.")
  /// Which call an event or result is about.
  static let thisCallID = required("CallId", .integer(0...65_534), "Numéro de l'appel.", "The call's number.")
  /// Which participant.
  static let participantID = required(
    "ParticipantId", .integer(1...1_024), "Numéro du participant dans la liste.",
    "The participant's number in the list.")
}
