import Realtime
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The threads that decode all received video; each track is decoded by one of them for as long as it lasts.
final class DecoderPool: Sendable {
  /// One thread's tracks.
  private final class Worker: Sendable {
    let signal = ThreadSignal()
    private let generation = Atomic<Int>(0)
    private let tracks = Mutex<[RemoteVideo]>([])

    var count: Int { tracks.withLock { $0.count } }

    func add(_ track: RemoteVideo) {
      tracks.withLock { $0.append(track) }
      noteChange()
    }

    func remove(_ track: RemoteVideo) {
      tracks.withLock { tracks in tracks.removeAll { $0 === track } }
      noteChange()
    }

    private func noteChange() {
      generation.wrappingAdd(1, ordering: .acquiringAndReleasing)
      signal.raise()
    }

    func run(_ run: MediaThread.Run) {
      var known = -1
      var mine: [RemoteVideo] = []
      while !run.shouldStop {
        let newest = generation.load(ordering: .acquiring)
        if newest != known {
          known = newest
          mine = tracks.withLock { $0 }
        }
        // One picture of each in turn, so that a large one doesn't hold up the others.
        var hasDecoded = false
        for track in mine {
          if track.decodeNext(at: MonotonicClock.now) { hasDecoded = true }
        }
        if !hasDecoded { run.signal.wait() }
      }
    }
  }

  private let workers: [Worker]
  private let threads: [MediaThread]

  /// Starts the threads.
  /// - Parameter threadCount: how many; 0 for none, when whoever owns the tracks calls their `decodeNext`. By default
  ///   two, if there are two processors.
  /// - Throws: when the system refuses a thread; none is left then.
  init(threadCount: Int = min(2, ProcessorCount.online)) throws(RealtimeThread.Failure) {
    workers = (0..<max(threadCount, 0)).map { _ in Worker() }
    var threads: [MediaThread] = []
    for worker in workers {
      threads.append(
        try MediaThread(name: "video-decode", signal: worker.signal) { [worker] run in worker.run(run) })
    }
    self.threads = threads
  }

  /// Ends the threads and waits until they are gone.
  func stop() async {
    for thread in threads { await thread.stop() }
  }

  /// Puts a track on the thread that has the fewest; gives that thread's signal, nil without threads.
  func add(_ track: RemoteVideo) -> ThreadSignal? {
    guard let worker = workers.min(by: { $0.count < $1.count }) else { return nil }
    worker.add(track)
    return worker.signal
  }

  /// Takes a track away; a picture that is being decoded is finished.
  func remove(_ track: RemoteVideo) {
    for worker in workers { worker.remove(track) }
  }
}

/// How many processors there are.
enum ProcessorCount {
  /// Those that are running.
  static var online: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
