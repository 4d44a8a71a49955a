// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "dialvault",
    products: [
        .executable(name: "dialvault", targets: ["dialvault"]),
        .executable(name: "platform-sim", targets: ["platform-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
    ],
    targets: [
        // What the system provides.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(
            name: "CLibArchive",
            pkgConfig: "libarchive",
            providers: [.apt(["libarchive-dev"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        .systemLibrary(
            name: "CZstd",
            pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"])]
        ),

        // SHA-256 by the processor's own instructions.
        .target(name: "CSHA256"),

        // Deflate, on its own: unsafe code on hostile bytes.
        .target(name: "Inflate"),

        // The domain's values, and what reads them out of bytes and names.
        .target(name: "Recordings"),
        .target(name: "Failpoints", swiftSettings: [.define("FAILPOINTS", .when(configuration: .debug))]),
        .target(name: "Settings", dependencies: ["CallMetadata", "Recordings", .yams]),
        .target(name: "AudioProbe", dependencies: ["Recordings"]),
        .target(name: "CallMetadata", dependencies: ["Recordings"]),

        // The places: archives, the platform, the vault and its catalogue.
        .target(
            name: "ArchiveReader",
            dependencies: ["CLibArchive", "CSHA256", "CZlib", "CZstd", "Inflate", "Recordings", .crypto]
        ),
        .target(
            name: "Platform",
            dependencies: [
                "CZlib", "Failpoints", "Recordings", .asyncHTTPClient, .crypto, .logging, .nioCore, .nioHTTP1,
                .nioPosix,
                .nioSSL,
            ]
        ),
        .target(name: "Vault", dependencies: ["CLinux", "CZlib", "Failpoints", "Recordings", .crypto]),
        .target(name: "Ledger", dependencies: ["Failpoints", "Recordings", .grdb]),

        // The stages, and the command line over them.
        .target(
            name: "Pipeline",
            dependencies: [
                "ArchiveReader", "AudioProbe", "CallMetadata", "CLinux", "Failpoints", "Ledger", "Platform",
                "Recordings", "Settings", "Vault", .crypto, .logging,
            ]
        ),
        .target(
            name: "DialvaultCLI",
            dependencies: [
                "AudioProbe", "Failpoints", "Ledger", "Pipeline", "Platform", "Recordings", "Settings", "Vault",
                .argumentParser, .crypto, .logging,
            ],
            resources: [
                .embedInCode("Schemas/recording.schema.json"),
                .embedInCode("Schemas/exception.schema.json"),
                .embedInCode("Schemas/day.schema.json"),
                .embedInCode("Schemas/change.schema.json"),
                .embedInCode("Schemas/coverage.schema.json"),
            ]
        ),
        .executableTarget(name: "dialvault", dependencies: ["DialvaultCLI"]),

        // The platform as documented, for tests, the demo and integrators.
        .target(
            name: "PlatformSimulator",
            dependencies: ["Recordings", .crypto, .httpTypes, .hummingbird, .hummingbirdCore, .logging, .nioCore]
        ),
        .executableTarget(
            name: "platform-sim",
            dependencies: ["PlatformSimulator", "Recordings", .argumentParser, .logging]
        ),

        // What scripts/benches/probe measures with.
        .executableTarget(name: "probe-bench", dependencies: ["AudioProbe", "Recordings"]),

        // Tests: one target a library; CLITests run the programs.
        .target(name: "TestSupport", dependencies: ["Recordings"], path: "Tests/TestSupport"),
        .testTarget(name: "RecordingsTests", dependencies: ["Recordings", "TestSupport"]),
        .testTarget(name: "SettingsTests", dependencies: ["CallMetadata", "Recordings", "Settings"]),
        .testTarget(name: "CallMetadataTests", dependencies: ["CallMetadata", "Recordings"]),
        .testTarget(
            name: "AudioProbeTests",
            dependencies: ["AudioProbe", "Recordings"],
            exclude: ["make-corpus.sh"]
        ),
        .testTarget(name: "InflateTests", dependencies: ["CZlib", "Inflate", "Recordings", "TestSupport"]),
        .testTarget(
            name: "ArchiveReaderTests",
            dependencies: ["ArchiveReader", "CZlib", "Recordings", "TestSupport", .crypto]
        ),
        .testTarget(name: "VaultTests", dependencies: ["Recordings", "TestSupport", "Vault"]),
        .testTarget(name: "LedgerTests", dependencies: ["Ledger", "Recordings", "TestSupport"]),
        .testTarget(
            name: "PlatformTests",
            dependencies: [
                "Platform", "PlatformSimulator", "Recordings", .asyncHTTPClient, .crypto, .logging, .nioCore, .nioHTTP1,
                .nioPosix, .nioSSL,
            ]
        ),
        .testTarget(
            name: "PlatformSimulatorTests",
            dependencies: [
                "PlatformSimulator", "Recordings", "platform-sim", .asyncHTTPClient, .nioCore, .nioHTTP1, .nioPosix,
            ]
        ),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "ArchiveReader", "Ledger", "Pipeline", "Platform", "PlatformSimulator", "Recordings", "Settings",
                "TestSupport", "Vault", .logging,
            ]
        ),
        .testTarget(
            name: "CLITests",
            dependencies: ["Recordings", "TestSupport", "dialvault", "platform-sim"]
        ),
    ]
)

// One set of rules for every target of ours.
for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .swiftLanguageMode(.v6),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .treatAllWarnings(as: .error),
        ]
    // By scripts/sanitize: what a sanitizer keeps would count against the unpack worker's limit on memory.
    if Context.environment["SANITIZED"] != nil { target.swiftSettings?.append(.define("SANITIZED")) }
}

extension Target.Dependency {
    static var argumentParser: Self { .product(name: "ArgumentParser", package: "swift-argument-parser") }
    static var asyncHTTPClient: Self { .product(name: "AsyncHTTPClient", package: "async-http-client") }
    static var crypto: Self { .product(name: "Crypto", package: "swift-crypto") }
    static var grdb: Self { .product(name: "GRDB", package: "GRDB.swift") }
    static var httpTypes: Self { .product(name: "HTTPTypes", package: "swift-http-types") }
    static var hummingbird: Self { .product(name: "Hummingbird", package: "hummingbird") }
    static var hummingbirdCore: Self { .product(name: "HummingbirdCore", package: "hummingbird") }
    static var logging: Self { .product(name: "Logging", package: "swift-log") }
    static var nioCore: Self { .product(name: "NIOCore", package: "swift-nio") }
    static var nioHTTP1: Self { .product(name: "NIOHTTP1", package: "swift-nio") }
    static var nioPosix: Self { .product(name: "NIOPosix", package: "swift-nio") }
    static var nioSSL: Self { .product(name: "NIOSSL", package: "swift-nio-ssl") }
    static var yams: Self { .product(name: "Yams", package: "Yams") }
}
