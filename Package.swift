// swift-tools-version: 6.2
import PackageDescription

// The targets, lowest first; none imports one that stands below it in this file. What each is for: README.md.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Of tests that compute little themselves: optimising them takes longer than running them.
let testSettings = settings + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let cryptography: [Target.Dependency] = ["COpenSSL", "CSRTP"]
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]
let webSocket: [Target.Dependency] = [
  .product(name: "NIOHTTP1", package: "swift-nio"),
  .product(name: "NIOWebSocket", package: "swift-nio"),
  .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let package = Package(
  name: "salle",
  products: [
    .executable(name: "salle", targets: ["salle"]),
    .executable(name: "salle-bench", targets: ["salle-bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSRTP", pkgConfig: "libsrtp2", providers: [.apt(["libsrtp2-dev"])]),
    .systemLibrary(name: "CUSRSCTP", pkgConfig: "usrsctp", providers: [.apt(["libusrsctp-dev"])]),
    .systemLibrary(name: "COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"])]),
    // Linked statically, so that its allocator can be replaced; its module map names the library.
    .systemLibrary(name: "CVPX", providers: [.apt(["libvpx-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // Debian's libyuv-dev has no pkg-config file; its module map names the library.
    .systemLibrary(name: "CYUV", providers: [.apt(["libyuv-dev"])]),
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CPangoCairo", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev"])]),
    .systemLibrary(name: "CALSA", pkgConfig: "alsa", providers: [.apt(["libasound2-dev"])]),
    .systemLibrary(name: "CDRM", pkgConfig: "libdrm", providers: [.apt(["libdrm-dev"])]),
    .systemLibrary(name: "CTimex"),
    .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(name: "CICal", pkgConfig: "libical", providers: [.apt(["libical-dev"])]),
    // Interfaces of the kernel alone, from its user-space headers.
    .systemLibrary(name: "CV4L", providers: [.apt(["linux-libc-dev"])]),
    .systemLibrary(name: "CCEC", providers: [.apt(["linux-libc-dev"])]),
    .systemLibrary(name: "CNetlink", providers: [.apt(["linux-libc-dev"])]),

    // Leaves.
    .target(name: "CAllocationCounter"),
    .target(name: "CVPXMemory"),
    .target(name: "Realtime", swiftSettings: settings),
    .target(name: "Catalogue", swiftSettings: settings),
    // The page of the touch panel as it is sent to browsers, and its files put into the program.
    .target(name: "CTouchPage", exclude: ["page"], cSettings: [.headerSearchPath("page")]),
    .target(name: "TouchPage", dependencies: ["CTouchPage", "Catalogue"], swiftSettings: settings),

    // Protocols.
    .target(
      name: "WebRTC", dependencies: cryptography + ["CUSRSCTP", "Realtime", collections],
      // A connection belongs to one thread. Whether its state is accessed exclusively is checked in debug builds and in
      // the fuzz targets; at run time these checks would cost half as much as libsrtp2 does.
      swiftSettings: settings + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))],
      // OpenSSL and usrsctp must find the clock that `LibraryClock` gives them.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=gettimeofday"])]),
    .target(name: "WebRTCNIO", dependencies: ["WebRTC", "Realtime", logging] + nio, swiftSettings: settings),
    .target(
      name: "LiveKitMessages", dependencies: [protobuf], exclude: ["livekit.proto"], swiftSettings: settings),
    .target(
      name: "LiveKit",
      dependencies: ["LiveKitMessages", "WebRTC", "WebRTCNIO", "Realtime", logging, collections, protobuf] + nio
        + webSocket,
      swiftSettings: settings),
    .target(
      name: "HTTPExchange",
      dependencies: [
        logging, .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ] + nio,
      swiftSettings: settings),
    .target(name: "Visio", dependencies: ["Catalogue", "HTTPExchange", logging], swiftSettings: settings),

    // Media.
    .target(
      name: "Audio", dependencies: ["COpus", "Realtime"], exclude: ["README.md"],
      // As above: the front end belongs to one thread, and touches its state some million times a second.
      swiftSettings: settings + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]),
    .target(
      name: "Video", dependencies: ["CVPX", "CVPXMemory", "CYUV", "CPangoCairo", "CQREncode", "Realtime"],
      swiftSettings: settings),
    .target(
      name: "Devices",
      dependencies: [
        "Audio", "Video", "Catalogue", "CYUV", "CTurboJPEG", "CALSA", "CDRM", "CV4L", "CCEC", "CNetlink", "Realtime",
        logging, .product(name: "Hummingbird", package: "hummingbird"),
      ], swiftSettings: settings),

    // The room.
    .target(name: "RoomCalendar", dependencies: ["CICal"], swiftSettings: settings),
    .target(name: "Control", dependencies: ["Catalogue", "Realtime"], swiftSettings: settings),
    .target(
      name: "ControlServer",
      dependencies: [
        "Control", "Catalogue", "Realtime", logging, .product(name: "NIOTLS", package: "swift-nio"),
      ] + nio + webSocket, swiftSettings: settings),
    .target(
      name: "Meeting",
      dependencies: [
        "Visio", "HTTPExchange", "LiveKit", "WebRTC", "WebRTCNIO", "Audio", "Video", "Catalogue", "Realtime", logging,
      ]
        + nio,
      swiftSettings: settings),
    .target(
      name: "PracticeRoom",
      dependencies: [
        "LiveKitMessages", "WebRTC", "WebRTCNIO", "Audio", "Video", "Devices", "Realtime", "COpenSSL", "CZlib", logging,
        protobuf, "CPangoCairo", .product(name: "Hummingbird", package: "hummingbird"),
      ] + nio + webSocket, swiftSettings: settings),
    .target(
      name: "Appliance",
      dependencies: [
        "RoomCalendar", "Control", "HTTPExchange", "Meeting", "LiveKit", "Visio", "Video", "WebRTCNIO", "Catalogue",
        "Realtime",
        "COpenSSL", "CTimex", database, "Yams", logging, .product(name: "NIOPosix", package: "swift-nio"),
      ], swiftSettings: settings),
    .executableTarget(
      name: "salle",
      dependencies: [
        "Appliance", "Control", "ControlServer", "HTTPExchange", "Meeting", "PracticeRoom", "Devices", "LiveKit",
        "Visio",
        "Catalogue",
        "TouchPage", "Audio", "Video", "WebRTC", "WebRTCNIO", "Realtime", logging,
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: settings),
    .executableTarget(
      name: "salle-bench",
      dependencies: [
        "HTTPExchange", "Meeting", "PracticeRoom", "Visio", "WebRTC", "WebRTCNIO", "Audio", "Video", "Devices", "CSRTP",
        "CVPX", "CYUV",
        "CAllocationCounter", "Realtime", logging, .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + nio, swiftSettings: settings),

    // Test support.
    .target(name: "RoomWatcher", path: "Tests/RoomWatcher", swiftSettings: settings),
    .target(name: "SoundMeasurement", path: "Tests/SoundMeasurement", swiftSettings: settings),
    .target(name: "NetworkModel", dependencies: ["Realtime"], path: "Tests/NetworkModel", swiftSettings: settings),

    // Tests.
    .testTarget(name: "RealtimeTests", dependencies: ["Realtime"], swiftSettings: settings),
    .testTarget(name: "CatalogueTests", dependencies: ["Catalogue"], swiftSettings: settings),
    .testTarget(
      name: "TouchPageTests", dependencies: ["TouchPage", "Catalogue", "Control"], swiftSettings: settings),
    .testTarget(name: "RoomCalendarTests", dependencies: ["RoomCalendar"], swiftSettings: testSettings),
    .testTarget(name: "ControlTests", dependencies: ["Control", "Catalogue", "Realtime"], swiftSettings: testSettings),
    .testTarget(
      name: "ControlServerTests",
      dependencies: ["ControlServer", "Control", "Catalogue", "Realtime", logging] + nio
        + webSocket, swiftSettings: testSettings),
    // Is killed while it writes.
    .executableTarget(
      name: "storage-writer", dependencies: ["Appliance", "Control"], path: "Tests/StorageWriter",
      swiftSettings: settings),
    .testTarget(
      name: "ApplianceTests",
      dependencies: [
        "Appliance", "RoomCalendar", "Catalogue", "Control", "HTTPExchange", "Realtime", "Video", "Visio",
        "storage-writer",
        database,
      ],
      swiftSettings: testSettings),
    .testTarget(
      name: "WebRTCTests", dependencies: ["WebRTC", "NetworkModel", "Video", "Realtime"],
      resources: [.copy("Samples")], swiftSettings: testSettings),
    .testTarget(
      name: "LiveKitTests",
      dependencies: ["LiveKit", "LiveKitMessages", "WebRTC", "WebRTCNIO", "Realtime", logging, protobuf] + nio
        + webSocket, swiftSettings: testSettings),
    .testTarget(
      name: "VisioTests",
      dependencies: [
        "Visio", "HTTPExchange", "Catalogue", .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ] + nio, swiftSettings: testSettings),
    .testTarget(name: "AudioTests", dependencies: ["Audio", "Realtime", "SoundMeasurement"], swiftSettings: settings),
    .testTarget(
      name: "VideoTests", dependencies: ["Video", "Realtime"], exclude: ["Samples"], swiftSettings: settings),
    .testTarget(
      name: "DevicesTests",
      dependencies: ["Devices", "Audio", "Video", "Catalogue", "Realtime", "CAllocationCounter", "CDRM", "CTurboJPEG"],
      resources: [.copy("Samples")], swiftSettings: settings),
    // Run inside the lab's kernel, by Tests/Lab/run.
    .testTarget(
      name: "LabTests",
      dependencies: [
        "Devices", "Audio", "Video", "Catalogue", "Realtime", "CALSA", "CAllocationCounter", "CCEC", "CDRM", "CV4L",
        "RoomWatcher", "SoundMeasurement",
      ],
      path: "Tests/Lab", exclude: ["Call/call", "qemu", "run", "uml", "usb"], swiftSettings: settings),
    .testTarget(
      name: "MeetingTests",
      dependencies: [
        "Meeting", "LiveKit", "LiveKitMessages", "Visio", "WebRTC", "WebRTCNIO", "Audio", "Video", "Catalogue",
        "Realtime",
        logging, protobuf,
      ] + nio, swiftSettings: testSettings),
    .testTarget(
      name: "PracticeRoomTests",
      dependencies: [
        "PracticeRoom", "LiveKit", "LiveKitMessages", "WebRTC", "WebRTCNIO", "Realtime", logging, protobuf,
      ] + nio, swiftSettings: testSettings),
    // The executable is a dependency so that it is built: some of these tests run it.
    .testTarget(
      name: "SalleTests",
      dependencies: [
        "salle", "HTTPExchange", "Meeting", "PracticeRoom", "LiveKit", "Visio", "Catalogue", "Devices", "Audio",
        "Video", "WebRTC",
        "WebRTCNIO", "Realtime", logging,
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ] + nio, swiftSettings: testSettings),

    // Calls with programs that nobody here wrote.
    .testTarget(
      name: "PeerTests",
      dependencies: [
        "HTTPExchange", "PracticeRoom", "Meeting", "Visio", "WebRTC", "WebRTCNIO", "Audio", "Video", "Devices",
        "Realtime",
        "RoomWatcher", "Appliance", "Control", "ControlServer", "RoomCalendar", logging,
      ] + nio,
      path: "Tests/Peers",
      exclude: [
        "aiortc_peer.py", "bench_livekit.py", "calendar_server.py", "control_client.py", "livekit_client.py",
        "room_watcher.py", "touch_panel.py",
      ],
      swiftSettings: testSettings
    ),
  ]
)
