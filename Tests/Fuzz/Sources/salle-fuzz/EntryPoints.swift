import Glibc

// One program holds all targets, so that one build does. `SALLE_FUZZ_TARGET` chooses; `SALLE_FUZZ_SEEDS` names a
// folder into which the target's seeds are written in place of fuzzing.

private let target: FuzzTarget = {
  let name = getenv("SALLE_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
    exit(name.isEmpty ? 0 : 64)
  }
  return target
}()

/// libFuzzer's initialisation.
@_cdecl("LLVMFuzzerInitialize")
public func initializeFuzzer(
  _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutableRawPointer
) -> Int32 {
  let chosen = target
  guard let folder = getenv("SALLE_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (index, seed) in chosen.seeds().enumerated() {
    guard let file = fopen("\(folder)/seed-\(index)", "wb") else { exit(66) }
    fwrite(seed, 1, seed.count, file)
    fclose(file)
  }
  exit(0)
}

/// libFuzzer's one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target.run(UnsafeRawBufferPointer(start: bytes, count: count))
  return 0
}

// libFuzzer's own driver (compiler-rt's FuzzerInterface.h).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// The program's start: the package manager makes the symbol of this name its `main`.
@_cdecl("salle_fuzz_main")
public func main(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments) { testOneInput($0, $1) }
}
