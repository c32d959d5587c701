// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that only what reads foreign bytes is built with the fuzzer's instrumentation, and nothing
// of what carries those bytes (NIO, the HTTP server and client) or draws. `Sources` links to the product's own sources.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // Optimised, but with the checks of a debug build, such as those of a buffer's bounds.
  .unsafeFlags([
    "-sanitize=fuzzer,address", "-parse-as-library", "-enable-testing", "-O", "-assert-config", "Debug",
  ]),
]

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
  name: "salle-fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CSRTP", pkgConfig: "libsrtp2"),
    .systemLibrary(name: "CUSRSCTP", pkgConfig: "usrsctp"),
    .systemLibrary(name: "COpus", pkgConfig: "opus"),
    .systemLibrary(name: "CVPX"),
    .systemLibrary(name: "CYUV"),
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg"),
    .systemLibrary(name: "CV4L"),
    .systemLibrary(name: "CICal", pkgConfig: "libical"),
    .target(name: "Realtime", swiftSettings: settings),
    .target(name: "Catalogue", swiftSettings: settings),
    .target(name: "RoomCalendar", dependencies: ["CICal"], swiftSettings: settings),
    .target(name: "Control", dependencies: ["Catalogue", "Realtime"], swiftSettings: settings),
    // The file of settings alone.
    .target(
      name: "Appliance", dependencies: ["Control", "Yams"],
      exclude: [
        "Accounts", "Bookings", "Certificate", "Diagnostics", "Meeting", "Room", "Settings/StoredSettings.swift",
        "Storage",
      ],
      swiftSettings: settings),
    .target(
      name: "WebRTC",
      dependencies: [
        "COpenSSL", "CSRTP", "CUSRSCTP", "Realtime", .product(name: "DequeModule", package: "swift-collections"),
      ], swiftSettings: settings),
    .target(
      name: "LiveKitMessages", dependencies: [protobuf], exclude: ["livekit.proto"], swiftSettings: settings),
    // Without the WebSocket and without what drives the sans-IO session.
    .target(
      name: "LiveKit", dependencies: ["LiveKitMessages", "WebRTC", "Realtime", protobuf],
      exclude: [
        "Client", "Signalling/SignalConnection.swift", "Signalling/UpgradeRejectionHandler.swift",
        "Signalling/WebSocketMessageHandler.swift",
      ], swiftSettings: settings),
    // Without the HTTP client.
    .target(
      name: "HTTPExchange", exclude: ["AsyncHTTPTransport.swift"], swiftSettings: settings),
    .target(name: "Visio", dependencies: ["Catalogue", "HTTPExchange"], swiftSettings: settings),
    .target(
      name: "Audio", dependencies: ["COpus", "Realtime"], exclude: ["README.md"], swiftSettings: settings),
    // Without what encodes, arranges and draws.
    .target(
      name: "Video", dependencies: ["CVPX", "CYUV", "Realtime"],
      exclude: [
        "Composition", "Encoding", "Layout", "RoomView", "Devices/ScreenSink.swift", "Devices/VideoLayer.swift",
        "Frames/Canvas.swift", "Frames/Damage.swift",
        "VP8/VP8SimulcastEncoder.swift", "VP8/VP8StreamEncoder.swift", "VP8/VP8TemporalPattern.swift",
        "VP9/VP9ReferenceTracker.swift", "VP9/VP9SVCEncoder.swift", "VP9/VP9ScalabilityMode.swift",
      ], swiftSettings: settings),
    // What reads a person's files, and what devices and kernel say.
    .target(
      name: "Devices", dependencies: ["Audio", "CTurboJPEG", "CV4L", "CYUV", "Video", "Realtime"],
      exclude: [
        "ALSA", "Arrays/ArrayLibrary.swift", "CEC", "Camera/FileCamera.swift", "Camera/SyntheticCamera.swift",
        "Camera/SyntheticScene.swift", "Check", "Files/AtomicFile.swift", "Files/WholeFile.swift",
        "FrontEnd/FrontEndFiles.swift", "Hotplug/DeviceMonitor.swift", "Hotplug/KernelEventSocket.swift", "Inventory",
        "JPEG/JPEGEncoder.swift", "KMS", "Loudspeaker", "Microphone/FileMicrophone.swift",
        "Microphone/SyntheticSound.swift", "Pacing", "Profile", "Room", "RoomCamera/CameraSigns.swift",
        "RoomCamera/RoomCamera.swift", "RoomCamera/RoomCameraSettings.swift", "Screen", "SimulatedRoom",
        "StandIns.swift",
      ], swiftSettings: settings),
    .executableTarget(
      name: "salle-fuzz",
      dependencies: [
        "WebRTC", "LiveKit", "LiveKitMessages", "HTTPExchange", "Visio", "Audio", "Video", "Devices", "RoomCalendar",
        "Control",
        "Appliance", "Realtime", protobuf,
      ],
      swiftSettings: settings,
      linkerSettings: [
        .unsafeFlags([
          "-sanitize=fuzzer,address", "-use-ld=lld", "-Xlinker", "--export-dynamic-symbol=gettimeofday",
        ])
      ]),
  ]
)
