import Diagnostics
import Inspection
import PipelineFiles

/// The pipeline files of a folder, each as it was when it could last be read.
public struct PipelineFolder: Sendable {
  /// Something that has changed since the last look.
  public enum Change: Sendable {
    case loaded(Pipeline)
    case changed(Pipeline)
    /// It cannot be read now; what it said before still holds.
    case broken(file: String, text: String, message: String)
    case gone(Pipeline)
  }

  /// A file as it was looked at last.
  private struct Entry {
    var text: String?
    var pipeline: Pipeline?
  }

  public private(set) var project: Project
  private let folder: String
  private let environment: [String: String]
  private let registry: StageRegistry
  private var projectText: String
  private var entries: [String: Entry] = [:]
  /// Why the folder could not be looked into at the last look.
  private var trouble: String?

  /// - Parameter folder: nil for that of `roost.yaml`.
  public init(
    _ project: Project, folder: String?, environment: [String: String], registry: StageRegistry
  ) {
    self.project = project
    self.folder = folder ?? project.folder
    self.environment = environment
    self.registry = registry
    projectText = project.file.text
  }

  /// The pipelines with a schedule, by name.
  public var scheduled: [Pipeline] {
    pipelines.filter { $0.settings.schedule != nil }
  }

  /// All pipelines that could be read, by name.
  public var pipelines: [Pipeline] {
    entries.values.compactMap(\.pipeline).sorted { $0.name < $1.name }
  }

  /// Reads what has changed.
  public mutating func reload() -> [Change] {
    var changes = reloadProject()
    let files: [String]
    do throws(BoundedFile.Trouble) {
      files = try self.files()
      trouble = nil
    } catch {
      // Not to see the files is not to see that they are gone.
      changes += note(error)
      files = entries.keys.sorted()
    }
    for (file, entry) in entries.sorted(by: { $0.key < $1.key }) where !files.contains(file) {
      entries[file] = nil
      if let pipeline = entry.pipeline { changes.append(.gone(pipeline)) }
    }
    for file in files {
      if let change = reload(file) { changes.append(change) }
    }
    return changes
  }

  /// Takes what a file said when it could last be read, which somebody kept.
  public mutating func restore(_ file: String, text: String) -> Pipeline? {
    let (pipeline, message) = read(SourceFile(name: file, text: text))
    guard message == nil, let pipeline, entries[file]?.pipeline == nil else { return nil }
    entries[file]?.pipeline = pipeline
    return pipeline
  }

  private mutating func note(_ problem: BoundedFile.Trouble) -> [Change] {
    let message =
      "the folder \(folder) \(problem.description), so its pipelines stay as they were"
    if trouble == message { return [] }
    trouble = message
    return [.broken(file: folder, text: message, message: message)]
  }

  private func files() throws(BoundedFile.Trouble) -> [String] {
    try Files.names(in: folder).filter {
      ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && $0 != "roost.yaml" && !$0.hasPrefix(".")
    }.sorted().map { Paths.join(folder, $0) }
  }

  private mutating func reloadProject() -> [Change] {
    let (text, problem) = contents(project.file.name)
    guard text != projectText else { return [] }
    projectText = text
    if let problem { return [.broken(file: project.file.name, text: text, message: problem)] }
    let report = Report()
    let reader = PipelineReader(registry: registry, environment: environment, report: report)
    guard let read = reader.project(SourceFile(name: project.file.name, text: text)),
      !report.hasErrors
    else {
      return [.broken(file: project.file.name, text: text, message: Self.first(report))]
    }
    project = read
    // The project's time zone is part of what its pipelines say.
    for file in entries.keys { entries[file]?.text = nil }
    return []
  }

  private mutating func reload(_ file: String) -> Change? {
    let (text, problem) = contents(file)
    let before = entries[file]
    guard before?.text != text else { return nil }
    entries[file] = Entry(text: text, pipeline: before?.pipeline)
    if let problem { return .broken(file: file, text: text, message: problem) }
    let (pipeline, message) = read(SourceFile(name: file, text: text))
    guard let pipeline, message == nil else {
      return .broken(file: file, text: text, message: message ?? "it cannot be read")
    }
    if let other = entries.first(where: {
      $0.key != file && $0.value.pipeline?.name == pipeline.name
    }) {
      return .broken(
        file: file, text: text,
        message: "\(file): the pipeline '\(pipeline.name)' stands in \(other.key) already")
    }
    entries[file]?.pipeline = pipeline
    return before?.pipeline == nil ? .loaded(pipeline) : .changed(pipeline)
  }

  private func contents(_ file: String) -> (text: String, problem: String?) {
    do throws(Diagnostic) {
      return (try Files.read(file).text, nil)
    } catch {
      return ("", error.message)
    }
  }

  private func read(_ file: SourceFile) -> (Pipeline?, problem: String?) {
    let report = Report()
    let session = ProjectSession(
      project, environment: environment, registry: registry, report: report)
    let pipeline = session.read(file)
    return (pipeline, report.hasErrors || pipeline == nil ? Self.first(report) : nil)
  }

  /// The first error with its place.
  static func first(_ report: Report) -> String {
    guard let error = report.sorted.first(where: { $0.severity == .error }) else {
      return "it cannot be read"
    }
    let more = report.errorCount > 1 ? " (and \(report.errorCount - 1) more)" : ""
    guard let span = error.span else { return error.message + more }
    return "\(span.file.name):\(span.start.line): \(error.message)\(more)"
  }
}
