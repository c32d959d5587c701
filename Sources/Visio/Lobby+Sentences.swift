import Catalogue

extension Lobby.Progress {
  /// What to tell the person.
  public var sentence: Sentence {
    switch self {
    case .asking: JoiningSentences.joining
    case .waiting: LobbySentences.waiting
    case .reconnecting: LobbySentences.reconnecting
    }
  }
}

extension Lobby.Outcome {
  /// What to tell the person.
  public var sentence: Sentence {
    switch self {
    case .admitted: JoiningSentences.joining
    case .refused: LobbySentences.refused
    case .unanswered: LobbySentences.unanswered(minutes: Int(Lobby.limit.components.seconds / 60))
    case .meetingDeleted: LobbySentences.meetingDeleted
    case .failed(let error): error.sentence
    case .cancelled: JoiningSentences.cancelled
    }
  }
}
