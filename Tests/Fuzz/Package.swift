// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the protocol targets alone are built with the fuzzer's instrumentation, and nothing of
// what stands above them. `Sources` links to the product's own sources.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // Optimised, but with the checks of a debug build, such as those of a buffer's bounds.
  .unsafeFlags([
    "-sanitize=fuzzer,address", "-parse-as-library", "-enable-testing", "-O", "-assert-config", "Debug",
  ]),
]

let package = Package(
  name: "salle-fuzz",
  dependencies: [.package(url: "https://github.com/apple/swift-collections", from: "1.6.0")],
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CSRTP", pkgConfig: "libsrtp2"),
    .systemLibrary(name: "CUSRSCTP", pkgConfig: "usrsctp"),
    .target(name: "Realtime", swiftSettings: settings),
    .target(
      name: "WebRTC",
      dependencies: [
        "COpenSSL", "CSRTP", "CUSRSCTP", "Realtime", .product(name: "DequeModule", package: "swift-collections"),
      ], swiftSettings: settings),
    .executableTarget(
      name: "salle-fuzz", dependencies: ["WebRTC", "Realtime"], swiftSettings: settings,
      linkerSettings: [
        .unsafeFlags([
          "-sanitize=fuzzer,address", "-use-ld=lld", "-Xlinker", "--export-dynamic-symbol=gettimeofday",
        ])
      ]),
  ]
)
