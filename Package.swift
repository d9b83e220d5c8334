// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// A module of our own: Swift 6 mode (the tools version's default), warnings are errors.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
  -> Target
{
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], resources: resources,
    swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "Roost",
  products: [.executable(name: "roost", targets: ["roost"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  // From the ground up: a module depends only on modules above its own line.
  targets: [
    system("CLibpq", pkgConfig: "libpq", apt: "libpq-dev"),
    .systemLibrary(name: "CMalloc"),
    // C, because Swift cannot call a library's functions without linking it.
    .target(name: "CXGBoost", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CLinear", cSettings: [.treatAllWarnings(as: .error)]),
    system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    module("Diagnostics"),
    module("Threads", ["CMalloc"]),
    module("Cryptography", ["CCrypto"]),
    module("Frames"),
    module("Sentiment"),
    module("FrameFiles", ["Frames", "Cryptography", "Threads"]),
    module("PostgresFacts", ["Frames"]),
    module("PostgresClient", ["PostgresFacts", "CLibpq", "Threads", "Frames"]),
    module("Expressions", ["Diagnostics", "Frames", "Sentiment"]),
    // C: SHAP kernels for several instruction sets, of which Swift compiles but one.
    .target(name: "CTreeKernels", cSettings: [.treatAllWarnings(as: .error)]),
    module("TreeExplanations", ["CTreeKernels"]),
    module("Learning", ["CXGBoost", "CLinear", "Threads", "TreeExplanations"]),
    module("Relations", ["Frames", "Expressions"]),
    module("MemoryEngine", ["Relations", "Cryptography", "Threads"]),
    module("RelationSQL", ["Relations"]),
    module("Declarations", ["Diagnostics", "Frames", "Expressions", yams]),
    module(
      "PipelineFiles",
      [
        "Declarations", "Diagnostics", "Frames", "PostgresFacts", "Expressions", "Relations",
        "Threads",
      ]),
    module("Catalog", ["PipelineFiles", "PostgresClient"]),
    module(
      "Stages",
      ["PipelineFiles", "MemoryEngine", "Learning", "Cryptography", "FrameFiles", "Threads"]),
    module("State", ["PipelineFiles", "PostgresClient"]),
    module(
      "Runs",
      [
        "State", "PipelineFiles", "Catalog", "PostgresClient", "FrameFiles", "Cryptography",
        "Threads",
      ]),
    module("Inspection", ["State", "Runs", "PipelineFiles", "Catalog", "PostgresClient"]),
    module("PipelineTests", ["Inspection", "Runs", "PipelineFiles", "Catalog", "PostgresClient"]),
    module("Drafting", ["PipelineFiles", "PostgresClient"]),
    .target(name: "CCurl", cSettings: [.treatAllWarnings(as: .error)]),
    module("Scheduling", ["State", "Runs", "Inspection", "Cryptography", "Threads", "CCurl"]),
    module("DemoShop", ["Diagnostics", "PostgresClient", "Frames"]),
    // C, because it must run before Swift's runtime does.
    .target(name: "CStandardStreams", cSettings: [.treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "roost",
      dependencies: [
        "Stages", "State", "Runs", "Inspection", "PipelineTests", "Drafting", "RelationSQL",
        "Scheduling", "DemoShop", "Threads", "CStandardStreams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["PostgresClient"], path: "Tests/TestSupport",
      exclude: ["cluster", "pooler"], swiftSettings: strict),
    // What every engine must show; a new one's author writes a ConformingEngine.
    .target(
      name: "EngineConformance", dependencies: ["Relations", "TestSupport"],
      path: "Tests/EngineConformance", swiftSettings: strict),
    tests(
      "EngineTests",
      ["EngineConformance", "MemoryEngine", "RelationSQL", "PostgresClient", "Cryptography"]),
    tests("DiagnosticsTests", ["Diagnostics"]),
    tests("CryptographyTests", ["Cryptography"]),
    tests("FramesTests", ["Frames"]),
    tests("SentimentTests", ["Sentiment"]),
    tests("FrameFilesTests", ["FrameFiles"]),
    tests("PostgresClientTests", ["PostgresClient"]),
    tests("ExpressionsTests", ["Expressions", "PostgresClient"]),
    tests("TreeExplanationsTests", ["TreeExplanations", "CXGBoost"]),
    tests("LearningTests", ["Learning"]),
    tests("PipelineFilesTests", ["PipelineFiles", "Stages"], resources: [.copy("Broken")]),
    tests("StagesTests", ["Stages", "PipelineTests"]),
    tests("StateTests", ["State"]),
    tests("RunsTests", ["Runs", "MemoryEngine"]),
    tests("DraftingTests", ["Drafting"], resources: [.copy("Drafts")]),
    tests("SchedulingTests", ["Scheduling", "MemoryEngine"]),
    tests("DemoShopTests", ["DemoShop"]),
    tests(
      "Pipelines",
      [
        "Stages", "State", "Runs", "Inspection", "PipelineTests", "Drafting", "Scheduling",
        "DemoShop",
      ],
      resources: [.copy("Fixtures"), .copy("Refused")]),
  ]
)

// Not part of the product, and built only when asked for: make bench, make bench-kernels.
if Context.environment["ROOST_BENCHMARKS"] != nil {
  package.targets.append(
    .executableTarget(
      name: "roost-bench",
      dependencies: [
        "PostgresClient", "Frames", "Expressions", "TreeExplanations", "CXGBoost", "Threads",
      ],
      path: "Tests/Benchmarks/Kernels", swiftSettings: strict))
}
