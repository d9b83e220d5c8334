import Diagnostics
import Frames

/// Reads project and pipeline files. Everything that is wrong goes into one report.
public struct PipelineReader {
  private let registry: StageRegistry
  private let environment: [String: String]
  private let report: Report

  public init(registry: StageRegistry, environment: [String: String], report: Report) {
    self.registry = registry
    self.environment = environment
    self.report = report
  }

  /// The project of a `roost.yaml`.
  public func project(_ file: SourceFile) -> Project? {
    // Addresses and keys may stand in it although they should not.
    let file = file.hidingValues
    guard let root = compose(file, beginning: "roost: 1") else { return nil }
    let reader = Reader(report: report, environment: environment)
    guard let settings = ProjectSettings.read(root, reader) else { return nil }
    let before = report.errorCount
    if settings.version.value != 1 {
      report.error(
        .wrongVersion,
        "the project is written in version \(settings.version.value) of the language; this roost knows 1",
        at: settings.version.key, help: "install a newer roost, or write roost: 1")
    }
    if settings.connections[settings.state.text] == nil {
      report.error(
        .unknownConnection, "there is no connection '\(settings.state.shown)'",
        at: settings.state.span,
        help: Suggestion.help(
          for: settings.state.text, in: settings.connections.entries.map(\.name.text)))
    }
    guard report.errorCount == before else { return nil }
    return Project(
      file: file, folder: Paths.folder(of: file.name), settings: settings,
      zone: settings.timezone?.zone ?? .utc)
  }

  /// The record that a file holds.
  /// - Parameter beginning: what the file should begin with, for a message about an empty one.
  public func record<T: Record>(_ file: SourceFile, beginning: String) -> T? {
    compose(file, beginning: beginning).flatMap {
      T.read($0, Reader(report: report, environment: environment))
    }
  }

  /// The pipeline of a file, its stages in an order in which they can run; nil where something is
  /// wrong.
  /// - Parameter parameters: values that take the place of those of the file.
  public func pipeline(
    _ file: SourceFile, in project: Project, parameters: [String: Snippet] = [:]
  ) -> Pipeline? {
    let before = report.errorCount
    let pipeline = readablePart(of: file, in: project, parameters: parameters)
    return report.errorCount == before ? pipeline : nil
  }

  /// What can be read of a pipeline: without the stages that are wrong, so that the others can be
  /// checked in the same go. Nothing that may run.
  public func readablePart(
    of file: SourceFile, in project: Project, parameters given: [String: Snippet] = [:]
  ) -> Pipeline? {
    guard let root = compose(file, beginning: "pipeline: and its name") else { return nil }
    let reader = Reader(report: report, environment: environment)
    reader.parameters = parameters(root, reader).merging(given) { _, given in given }
    let depths = StageDepths(root, registry)
    reader.misplaced = depths.help
    let settings = PipelineSettings.read(root, reader)
    // Stages are read even where the settings are wrong, so that all is said at once.
    let nodes = stageNodes(root, reader)
    reader.enclosures = [Enclosure(names: PipelineSettings.keyNames, keys: root.keys)]
    let stages = nodes.compactMap { stage($0.0, $0.1, reader) }
    let graph = StageGraph(stages, among: nodes.map(\.0.text), report)
    guard let settings else { return nil }
    settings.schedule?.check(settings.asOf, report)
    if settings.stages.entries.isEmpty {
      report.error(
        .noStages, "the pipeline has no stages", at: root.head, help: "add stages: with one stage")
    }
    let ordered = CompanionPublishers(graph.ordered).withCompanionSources
    return Pipeline(
      file: file, settings: settings, zone: settings.timezone?.zone ?? project.zone,
      parameters: reader.parameters, stages: ordered, written: ordered)
  }

  private func compose(_ file: SourceFile, beginning: String) -> YAMLNode? {
    do throws(Diagnostic) {
      if let root = try YAMLComposer.compose(file) {
        root.refuseNUL(report)
        return root
      }
      report.error(
        .wrongShape, "the file is empty", at: SourceSpan(file: file, range: 0..<0),
        help: "begin it with \(beginning)")
    } catch { report.add(error) }
    return nil
  }

  private func pairs(_ node: YAMLNode) -> [(key: YAMLNode, value: YAMLNode)] {
    if case .mapping(let pairs) = node.kind { pairs } else { [] }
  }

  private func parameters(_ root: YAMLNode, _ reader: Reader) -> [String: Snippet] {
    guard let node = pairs(root).first(where: { $0.key.scalar?.text == "parameters" })?.value,
      let entries = Entries<Phrase>.read(node, reader)
    else { return [:] }
    return Dictionary(
      entries.entries.map { ($0.name.text, Snippet($0.value.text, span: $0.value.span)) },
      uniquingKeysWith: { a, _ in a })
  }

  /// The stages by name; those whose name is wrong were reported with the settings.
  private func stageNodes(_ root: YAMLNode, _ reader: Reader) -> [(StageName, YAMLNode)] {
    guard let node = pairs(root).first(where: { $0.key.scalar?.text == "stages" })?.value else {
      return []
    }
    var seen: Set<StageName> = []
    return pairs(node).compactMap { key, value in
      guard let name = StageName.read(key, reader), seen.insert(name).inserted else { return nil }
      return (name, value)
    }
  }

  private func stage(_ name: StageName, _ node: YAMLNode, _ reader: Reader) -> Stage? {
    guard case .mapping(let pairs) = node.kind else {
      report.error(
        .wrongShape,
        node.isNull
          ? "stage '\(name.text)' is empty"
          : "expected a stage kind with its keys, found \(node.what)",
        at: node.isNull ? name.span : node.head,
        help: reader.enclosures.first.flatMap {
          $0.names.contains(name.text)
            ? "'\(name.text)' is a key of the pipeline: write it outside of stages:" : nil
        } ?? "write one of: \(registry.names.joined(separator: ", "))")
      return nil
    }
    reader.enclosures.append(
      Enclosure(names: registry.names + StageOptions.names, keys: node.keys))
    defer { reader.enclosures.removeLast() }
    let before = report.errorCount
    var kind: (any StageKind)?
    var kindName: String?
    var definition = ""
    var own: [(key: YAMLNode, value: YAMLNode)] = []
    var seen: Set<String> = []
    for (key, value) in pairs {
      let text = key.scalar?.text ?? "…"
      guard seen.insert(text).inserted else {
        report.error(
          .duplicateKey, "the key '\(key.scalar?.keyExcerpt ?? text)' stands here twice",
          at: key.head,
          help: "remove one of them")
        continue
      }
      if StageOptions.names.contains(text) {
        own.append((key, value))
      } else if let type = registry.kind(named: text) {
        if let kindName {
          report.error(
            .wrongShape, "stage '\(name.text)' is of two kinds, \(kindName) and \(text)",
            at: key.span, help: "make two stages of it")
        }
        kindName = kindName ?? text
        kind = type.read(value, reader)
        definition = value.canonicalText(parameters: reader.parameters)
      } else {
        let unknown = UnknownStageKey(key, value, among: pairs, registry)
        report.add(unknown.diagnostic(reader))
      }
    }
    var keys = Keys(own, at: name.span, reader)
    let options = StageOptions(&keys)
    if kindName == nil, report.errorCount == before {
      report.error(
        .wrongShape, "stage '\(name.text)' says nothing of its kind", at: name.span,
        help: "write one of: \(registry.names.joined(separator: ", "))")
    }
    guard let kind, report.errorCount == before else { return nil }
    return Stage(
      name: name, kind: kind, uses: kind.inputs + options.after, definition: definition,
      retry: options.retry, timeout: options.timeout)
  }
}
