import LiveKitMessages
import SwiftProtobuf

/// Somebody who waits in the practice room's lobby.
public struct WaitingPerson: Hashable, Sendable {
  /// Their place in the lobby, a UUID.
  public let id: String
  /// The name that they gave.
  public let name: String
}

extension PracticeRoom {
  /// Changes who gets in without waiting, also for those who wait now.
  public func setAccessLevel(_ level: AccessLevel) {
    settings.change { $0.accessLevel = level }
  }

  /// Changes what the instance does wrong.
  public func setBehaviour(_ behaviour: InstanceBehaviour) {
    settings.change { $0.behaviour = behaviour }
  }

  /// Those who wait in the lobby now.
  public func waiting() async -> [WaitingPerson] {
    let entries = try? await server.lobby { lobby, now in lobby.waiting(at: now) }
    return (entries ?? []).map { WaitingPerson(id: $0.id, name: $0.name) }
  }

  /// Lets somebody in, or turns them away. False when they don't wait any more.
  public func decide(_ id: String, allow: Bool) async -> Bool {
    let isDone = try? await server.lobby { lobby, now in lobby.decide(id: id, allow: allow, at: now) }
    return isDone ?? false
  }

  /// The participants' identities, in the order of their coming, those inside of the room included.
  public func participants() async -> [String] {
    let identities = try? await server.perform { room in room.members.map(\.identity) }
    return identities ?? []
  }

  /// Removes a participant, as a host does; the admission through the lobby is gone as well. False when there is none of
  /// that identity.
  public func remove(_ identity: String) async -> Bool {
    let isDone = try? await server.perform { room in
      guard let member = room.member(identity: identity) else { return false }
      room.remove(member, reason: .participantRemoved)
      return true
    }
    return isDone ?? false
  }

  /// Mutes a participant's microphone, as a host does; only they can unmute it. False when there is none.
  public func mute(_ identity: String) async -> Bool {
    let isDone = try? await server.perform { room in
      guard let member = room.member(identity: identity),
        let track = member.tracks.first(where: { $0.info.source == .microphone })
      else { return false }
      member.link?.send(
        .mute(
          .with {
            $0.sid = track.info.sid
            $0.muted = true
          }))
      room.setMuted(true, track, of: member)
      return true
    }
    return isDone ?? false
  }

  /// Ends the meeting: everybody is sent away, and the lobby forgets whom it let in.
  public func end() async {
    _ = try? await server.perform { room in
      for member in room.members { room.remove(member, reason: .roomDeleted) }
    }
    _ = try? await server.lobby { lobby, _ in lobby.forgetAll() }
  }

  /// Sets the room's metadata, a JSON text, and whether it is being recorded.
  public func setRoom(metadata: String, isRecording: Bool) async {
    _ = try? await server.perform { room in room.updateRoom(metadata: metadata, isRecording: isRecording) }
  }
}
