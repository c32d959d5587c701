import Realtime
import Testing

@Suite("Rings between threads")
struct RingTests {
  @Test("elements come out in the order in which they went in, around the end of the memory")
  func order() {
    let ring = SPSCRing<Int>(capacity: 4)
    for round in 0..<10 {
      for index in 0..<3 { #expect(ring.push(round * 3 + index) == nil) }
      for index in 0..<3 { #expect(ring.pop() == round * 3 + index) }
    }
    #expect(ring.pop() == nil)
    #expect(ring.droppedCount == 0)
  }

  @Test("a full ring gives the element back and counts it")
  func full() {
    let ring = SPSCRing<Int>(capacity: 2)
    #expect(ring.push(1) == nil)
    #expect(ring.push(2) == nil)
    #expect(ring.push(3) == 3)
    #expect(ring.droppedCount == 1)
    #expect(ring.discardOldest(keeping: 1) == 1)
    #expect(ring.pop() == 2)
  }

  @Test("what is left in a ring is let go of with it")
  func release() {
    final class Element {}
    weak var element: Element?
    do {
      let ring = SPSCRing<Element>(capacity: 2)
      let made = Element()
      element = made
      ring.push(made)
    }
    #expect(element == nil)
  }

  @Test("a recycling ring has as many objects as it was made with, and gets used ones back")
  func recycling() throws {
    final class Box { var value = 0 }
    let ring = RecyclingRing(capacity: 1) { Box() }
    let box = try #require(ring.vacant())
    #expect(ring.vacant() == nil)
    box.value = 7
    ring.push(box)
    let received = try #require(ring.pop())
    #expect(received.value == 7)
    ring.recycle(received)
    #expect(ring.vacant() === box)
  }
}
