import CAllocationCounter
import Realtime

/// How long some work took and how often it allocated.
struct Measurement {
  var nanoseconds: Int64 = 0
  var allocations: UInt64 = 0

  /// Does `work`.
  static func take(_ work: () -> Void) -> Measurement {
    let (began, before) = (MonotonicClock.now, allocation_count())
    work()
    let (after, ended) = (allocation_count(), MonotonicClock.now)
    return Measurement(nanoseconds: (ended - began).nanoseconds, allocations: after - before)
  }
}

/// Measurements of many rounds; the median tells, so that what else the machine does meanwhile counts little.
struct Samples {
  private var costs: [Double] = []
  private var references: [Double] = []
  private var allocations: [Double] = []
  private var referenceAllocations: [Double] = []

  init(_ rounds: Int) {
    costs.reserveCapacity(rounds)
    references.reserveCapacity(rounds)
    allocations.reserveCapacity(rounds)
    referenceAllocations.reserveCapacity(rounds)
  }

  mutating func add(_ measurement: Measurement, count: Int) {
    costs.append(Double(measurement.nanoseconds) / Double(max(count, 1)))
    allocations.append(Double(measurement.allocations) / Double(max(count, 1)))
  }

  mutating func addReference(_ measurement: Measurement, count: Int) {
    references.append(Double(measurement.nanoseconds) / Double(max(count, 1)))
    referenceAllocations.append(Double(measurement.allocations) / Double(max(count, 1)))
  }

  var result: TransportBenchmark.Result {
    .init(
      nanoseconds: Self.median(costs), reference: Self.median(references), allocations: Self.median(allocations),
      referenceAllocations: Self.median(referenceAllocations))
  }

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }
}
