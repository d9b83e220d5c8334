import Foundation
import PipelineFiles
import Stages

/// A project in a folder of its own of which one or two files, or their places, are not as they should be.
struct MutatedProject {
  /// Files of a project by their paths.
  typealias Files = [String: [UInt8]]

  let folder: String
  /// The file of the pipeline, and one of a test.
  let pipeline: String
  let test: String

  /// The shipped project, with a pipeline that has a stage of each kind.
  static func whole() throws -> Files {
    let root = ShippedPipelines.root
    var files: Files = [:]
    for path in [
      "pipelines/roost.yaml", "pipelines/retention.yaml", "pipelines/cdnow.yaml",
      "pipelines/cdnow_linear.yaml",
      "pipelines/tests/retention_cleaning.yaml", "pipelines/tests/retention_features.yaml",
      "pipelines/tests/retention_targets.yaml", "pipelines/tests/cdnow_features.yaml",
      "sql/shop/orders.sql", "sql/shop/users.sql",
    ] {
      files[path] = Array(try Data(contentsOf: root.appending(path: path)))
    }
    let stages = StageRegistry.builtIn.kinds.map { $0.example }.joined(separator: "\n")
      .split(separator: "\n").map { "  \($0)" }
    files["pipelines/kinds.yaml"] = Array(
      (["pipeline: kinds", "parameters: { horizon: 30d }", "stages:"] + stages)
        .joined(separator: "\n").utf8)
    return files
  }

  /// Writes the mutation of a number.
  init(_ seed: Int, of whole: Files, in parent: String) throws {
    folder = "\(parent)/\(seed)"
    var mutator = TextMutator(seed: seed)
    let chosen = mutator.any(of: [
      "retention", "retention", "retention", "kinds", "kinds", "cdnow",
    ])
    let file = "pipelines/\(chosen).yaml"
    let tests =
      chosen == "cdnow"
      ? ["cdnow_features"]
      : ["retention_cleaning", "retention_features", "retention_targets"]
    let testFile = "pipelines/tests/\(mutator.any(of: tests)).yaml"
    var files = whole
    let victims =
      switch mutator.number(below: 12) {
      case 0: ["pipelines/roost.yaml"]
      case 1: ["sql/shop/orders.sql", "sql/shop/users.sql"]
      case 2: [testFile]
      case 3: [file, "pipelines/roost.yaml", testFile, "sql/shop/users.sql"]
      default: [file]
      }
    for path in victims { files[path] = mutator.mutate(files[path] ?? []) }
    try Self.write(files, to: folder)
    var pipeline = "\(folder)/\(file)"
    if mutator.number(below: 10) == 0 {
      pipeline = try Self.misplace(mutator.any(of: victims + [file]), pipeline, folder, &mutator)
    }
    self.pipeline = pipeline
    test = "\(folder)/\(testFile)"
  }

  private static func write(_ files: Files, to folder: String) throws {
    for (path, bytes) in files {
      let place = URL(filePath: "\(folder)/\(path)")
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: place)
    }
  }

  /// Makes something else of a file than a file, or calls the pipeline by another name.
  /// - Returns: the pipeline's path.
  private static func misplace(
    _ victim: String, _ pipeline: String, _ folder: String, _ mutator: inout TextMutator
  ) throws -> String {
    let path = "\(folder)/\(victim)"
    let files = FileManager.default
    switch mutator.number(below: 12) {
    case 0: try files.removeItem(atPath: path)
    case 1: truncate(path, 0)
    case 2: truncate(path, 64 << 20)
    case 3:
      try files.removeItem(atPath: path)
      mkdir(path, 0o700)
    case 4:
      try files.removeItem(atPath: path)
      symlink("nowhere", path)
    case 5:
      try files.removeItem(atPath: path)
      symlink("/dev/zero", path)
    case 6: chmod(path, 0)
    case 7: return folder + "/" + String(repeating: "x", count: 255)
    case 8:
      let odd = "\(folder)/pipelines/a\nb'\"\u{1b}[31m.yaml"
      rename(pipeline, odd)
      return odd
    case 9:
      return "\(folder)/pipelines/../pipelines/./" + (pipeline.split(separator: "/").last ?? "")
    case 10: return "\(folder)/p"
    default:
      let short = "\(folder)/pipelines/p"
      rename(pipeline, short)
      return short
    }
    return pipeline
  }
}
