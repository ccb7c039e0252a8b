// swift-tools-version: 6.3
import PackageDescription

// Dependencies point downward only; docs/architecture.md has the picture of the house, and a test holds the rooms to it.
let package = Package(
    name: "failover-agent",
    products: [
        .executable(name: "failover-agent", targets: ["failover-agent"]),
        .executable(name: "failover-scripts", targets: ["failover-scripts"]),
        .executable(name: "failoverctl", targets: ["failoverctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    ],
    targets: [
        // The programs.
        .executableTarget(name: "failover-agent", dependencies: ["AgentRuntime"]),
        .executableTarget(name: "failover-scripts", dependencies: ["ScriptRuntime"]),
        .executableTarget(
            name: "failoverctl",
            dependencies: [
                "Configuration", "ConfigurationFiles", "Control", "Screens",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),

        // The edge: where the system is touched.
        .target(
            name: "AgentRuntime",
            dependencies: [
                "Addressing", "Configuration", "ConfigurationFiles", "Control", "EventLoop", "FailoverCore", "Kernel",
                "Reporting", "Scripts", "VRRP",
            ]
        ),
        .target(name: "EventLoop", dependencies: ["CSystemd"]),
        .target(name: "ConfigurationFiles", dependencies: ["Configuration", "Kernel"]),
        .target(
            name: "ScriptRuntime",
            dependencies: [
                "Addressing", "CLinux", "Configuration", "ConfigurationFiles", "EventLoop", "Kernel", "Scripts", "VRRP",
            ]),
        .target(name: "Kernel", dependencies: ["Addressing", "CLinux", "CNetlink"]),

        // The pure rooms: values in, values out.
        .target(name: "Control"),
        .target(name: "Screens", dependencies: ["Control"]),
        .target(name: "Reporting", dependencies: ["Addressing", "Configuration", "FailoverCore", "Scripts", "VRRP"]),
        .target(
            name: "FailoverCore",
            dependencies: [
                "Addressing", "Configuration", "VRRP",
                .product(name: "DequeModule", package: "swift-collections"),
            ]
        ),
        .target(name: "VRRP", dependencies: ["Addressing"]),
        .target(name: "Liveness", dependencies: ["VRRP"]),
        .target(name: "Scripts", dependencies: ["Configuration", "VRRP"]),
        .target(name: "Configuration", dependencies: ["Addressing"]),
        .target(name: "Addressing"),

        // For tests: whole cores on a virtual network.
        .target(
            name: "Simulation",
            dependencies: [
                "Addressing", "Configuration", "FailoverCore", "Reporting", "Scripts", "VRRP",
                .product(name: "HeapModule", package: "swift-collections"),
            ]
        ),
        .executableTarget(
            name: "simulate", dependencies: ["Simulation"], path: "Tests/Simulate",
            exclude: ["baseline.txt", "mutants.txt"]),
        // Varlink as others speak it.
        .executableTarget(name: "certify", dependencies: ["Control"], path: "Tests/Certify"),

        // The doors to C.
        .systemLibrary(
            name: "CNetlink",
            pkgConfig: "libnl-route-3.0",
            providers: [.apt(["libnl-3-dev", "libnl-route-3-dev"]), .yum(["libnl3-devel"])]
        ),
        .systemLibrary(
            name: "CSystemd",
            pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"]), .yum(["systemd-devel"])]
        ),
        .systemLibrary(name: "CLinux"),

        // Tests mirror the rooms.
        .testTarget(name: "AddressingTests", dependencies: ["Addressing"]),
        .testTarget(name: "VRRPTests", dependencies: ["Addressing", "VRRP"]),
        .testTarget(name: "LivenessTests", dependencies: ["Liveness", "VRRP"]),
        .testTarget(name: "ConfigurationTests", dependencies: ["Addressing", "Configuration"]),
        .testTarget(
            name: "FailoverCoreTests",
            dependencies: ["Addressing", "Configuration", "FailoverCore", "ReloadWalk", "Reporting", "VRRP"]),
        .testTarget(
            name: "ReportingTests",
            dependencies: ["Addressing", "Configuration", "Control", "FailoverCore", "Reporting", "Scripts", "VRRP"]),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Addressing", "Configuration", "FailoverCore", "Simulation", "VRRP"]),
        .testTarget(name: "ScriptsTests", dependencies: ["Configuration", "Scripts", "VRRP"]),
        .testTarget(name: "ControlTests", dependencies: ["Control"]),
        .testTarget(name: "ScreensTests", dependencies: ["Control", "Screens"]),
        .testTarget(
            name: "AgentRuntimeTests",
            dependencies: [
                "Addressing", "AgentRuntime", "Configuration", "Control", "EventLoop", "FailoverCore", "Kernel",
                "Reporting", "Scripts", "VRRP",
            ]),
        .testTarget(name: "KernelTests", dependencies: ["Addressing", "CLinux", "CNetlink", "Kernel"]),
        .testTarget(
            name: "ScriptRuntimeTests",
            dependencies: ["Configuration", "ConfigurationFiles", "Kernel", "ScriptRuntime", "Scripts"]),
        .testTarget(name: "ArchitectureTests"),
        // The real programs in network namespaces, beside a real keepalived; needs root.
        .testTarget(name: "LabTests", dependencies: ["ReloadWalk"]),
        // Every working keyword, changed at a reload: what the unit tests and the lab walk.
        .target(name: "ReloadWalk", path: "Tests/ReloadWalk", exclude: ["reload.txt"]),
    ],
    swiftLanguageModes: [.v6]
)

// Fuzz targets: libraries without a main, which libFuzzer brings; contrib/test builds and links them.
if Context.environment["FAILOVER_FUZZ"] == "1" {
    let targets: [(String, [Target.Dependency])] = [
        ("FuzzPacket", ["Addressing", "VRRP"]),
        ("FuzzConfiguration", ["Configuration"]),
        ("FuzzControl", ["Control"]),
        ("FuzzScripts", ["Configuration", "Scripts"]),
        ("FuzzCore", ["Addressing", "Configuration", "FailoverCore", "VRRP"]),
    ]
    for (name, rooms) in targets {
        package.products.append(.library(name: name, type: .static, targets: [name]))
        package.targets.append(.target(name: name, dependencies: rooms, path: "Tests/Fuzz/\(name)"))
    }
}

// One set of settings for every target that is ours.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        // `any` is written out, so that a dynamic call is seen where it is made.
        .enableUpcomingFeature("ExistentialAny"),
        // A room shows no more of what it imports than it means to.
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
