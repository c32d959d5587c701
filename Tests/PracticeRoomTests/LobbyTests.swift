import Realtime
import Testing

@testable import PracticeRoom

@Suite("The lobby")
struct LobbyTests {
  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test("a place is kept for three seconds after each poll, and no longer")
  func expires() {
    var lobby = Lobby()
    #expect(lobby.request(id: "a", name: "A", isOpen: false, at: at(0)).isNew)
    #expect(!lobby.request(id: "a", name: "A", isOpen: false, at: at(2)).isNew)
    #expect(lobby.waiting(at: at(4)).map(\.id) == ["a"])
    #expect(lobby.waiting(at: at(5)).isEmpty)
    let isLate = lobby.decide(id: "a", allow: true, at: at(6))
    #expect(!isLate)
    #expect(lobby.request(id: "a", name: "A", isOpen: false, at: at(7)).isNew)
  }

  @Test("who was let in stays so for six hours, who was turned away for five seconds")
  func decides() {
    var lobby = Lobby()
    _ = lobby.request(id: "a", name: "A", isOpen: false, at: at(0))
    _ = lobby.request(id: "b", name: "B", isOpen: false, at: at(0))
    let admitted = lobby.decide(id: "a", allow: true, at: at(1))
    let refused = lobby.decide(id: "b", allow: false, at: at(1))
    #expect(admitted && refused)
    #expect(lobby.request(id: "a", name: "A", isOpen: false, at: at(21_000)).status == .accepted)
    #expect(lobby.request(id: "a", name: "A", isOpen: false, at: at(21_602)).status == .waiting)
    var other = Lobby()
    _ = other.request(id: "b", name: "B", isOpen: false, at: at(0))
    _ = other.decide(id: "b", allow: false, at: at(1))
    #expect(other.request(id: "b", name: "B", isOpen: false, at: at(5)).status == .denied)
    #expect(other.request(id: "b", name: "B", isOpen: false, at: at(6)).status == .waiting)
  }

  @Test("scripted decisions come with the poll they are set for")
  func followsPolicy() {
    var lobby = Lobby()
    lobby.policy = .accept(afterPolls: 3)
    let statuses = (0..<4).map { lobby.request(id: "a", name: "A", isOpen: false, at: at(Int64($0))).status }
    #expect(statuses == [.waiting, .waiting, .accepted, .accepted])
  }

  @Test("it remembers a bounded number of people")
  func isBounded() {
    var lobby = Lobby()
    for index in 0..<(Lobby.maximumEntries + 100) {
      #expect(lobby.request(id: "\(index)", name: "", isOpen: false, at: at(0)).status == .waiting)
    }
    #expect(lobby.waiting(at: at(0)).count == Lobby.maximumEntries)
  }
}
