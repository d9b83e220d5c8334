import Diagnostics
import Frames

/// A pipeline file that could be read: its stages in the order in which they can run.
public struct Pipeline: Sendable {
  public let file: SourceFile
  public let settings: PipelineSettings
  public let zone: CalendarZone
  public let parameters: [String: Snippet]
  /// Each stage after all that it depends on, otherwise in the order of the file.
  public let stages: [Stage]
  /// All stages of the file, of which `stages` may be only some.
  public let written: [Stage]

  public var name: String { settings.name.text }

  /// The pipeline with only some of its stages, which should be all that they use.
  public func limited(to names: Set<String>) -> Pipeline {
    Pipeline(
      file: file, settings: settings, zone: zone, parameters: parameters,
      stages: stages.filter { names.contains($0.name.text) }, written: written)
  }

  /// The names of a stage and of all that must be done before it.
  public func upstream(of name: String) -> Set<String> {
    var names: Set<String> = [name]
    for stage in stages.reversed() where names.contains(stage.name.text) {
      names.formUnion(stage.dependencies)
    }
    return names
  }

  /// The names of a stage and of all that depend on it.
  public func downstream(of name: String) -> Set<String> {
    var names: Set<String> = [name]
    for stage in stages where stage.dependencies.contains(where: names.contains) {
      names.insert(stage.name.text)
    }
    return names
  }

  /// The as-of of a run at an instant: the start of its day or hour, or the instant itself.
  public func asOf(at now: Instant) -> Instant {
    switch settings.asOf {
    case .day: return zone.start(of: zone.day(of: now))
    case .hour:
      // Hours are cut in local time: some zones are half an hour off.
      let hour: Int64 = 3_600_000_000
      let local = zone.local(now.microseconds)
      return Instant(
        microseconds: now.microseconds - (local - local.flooredDivision(by: hour) * hour))
    case .tick: return now
    }
  }
}

/// One named step of a pipeline.
public struct Stage: Sendable {
  public let name: StageName
  public let kind: any StageKind
  /// The stages that must be done before, where they are named; some for order alone.
  let uses: [StageName]
  /// The stages whose companions it publishes: its inputs, or stages further up.
  var companionSources: [StageName] = []

  /// Names of the stages that must be done before.
  public var dependencies: [String] {
    (uses + companionSources).map(\.text).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  /// The stages whose rows it uses.
  public var rowSources: [String] {
    (kind.inputs + companionSources).map(\.text).reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }

  /// The name of its kind.
  public var kindName: String { type(of: kind).kind }

  /// What its kind's keys say, whatever the layout of the file.
  public let definition: String
  /// How it is tried again; nil where the pipeline's own counts.
  public let retry: RetrySettings?
  /// How long one try may take.
  public let timeout: Elapsed?
}

/// The keys of a pipeline file.
public struct PipelineSettings: Record {
  public static let about = "A pipeline: stages that depend on each other by the names they use."
  public let name: Name
  public let description: Phrase?
  public let owner: Phrase?
  public let schedule: Schedule?
  public let asOf: AsOfUnit
  public let timezone: TimeZoneName?
  public let parameters: Entries<Phrase>
  public let retry: RetrySettings?
  public let timeout: Elapsed?
  public let maxParallel: Int?
  public let memory: MemorySize?
  public let keepCheckpoints: Bool
  public let keepRuns: Duration
  let stages: EntriesByName<StageName, Unread>

  public init(_ keys: inout Keys) {
    name = keys("pipeline", "Name of the pipeline.", such: "retention")
    description = keys(
      "description", "What it is for, in one sentence.", such: "Who is leaving, and why.")
    owner = keys("owner", "Who is asked when it fails.", such: "growth-data@example.com")
    schedule = keys("schedule", "When it runs.")
    asOf = keys(
      "as_of", "How the instant of a run is truncated to its as-of.", default: .day, shown: "day")
    timezone = keys("timezone", "Time zone in which days are cut; the project's when left out.")
    parameters = keys(
      "parameters", "Values that the file uses as ${name}.", such: "30d", default: .empty,
      shown: "none")
    retry = keys("retry", "How stages are tried again that fail for a reason that can pass.")
    timeout = keys("timeout", "How long a run may take; it is cancelled then.")
    let maxParallel: Count? = keys(
      "max_parallel", "How many stages run at once; any number when left out.")
    self.maxParallel = maxParallel?.value
    memory = keys(
      "memory", "How much memory a run may hold; most of the machine's when left out.")
    keepCheckpoints = keys(
      "keep_checkpoints", "Whether checkpoints stay when the run is published.", default: false)
    keepRuns = keys(
      "keep_runs", "How long it is kept what runs did.", default: Duration(.days(400)),
      shown: "400d")
    stages = keys("stages", "The stages by name.")
  }
}

public enum AsOfUnit: String, Choice {
  case day, hour, tick

  public static func remedy(for text: String) -> String? {
    guard text.first?.isNumber == true else { return nil }
    return "it says how the instant of a run is truncated; the instant itself is given to the run: "
      + "roost run FILE --as-of \(text.prefix(25))"
  }
}

/// The keys that every stage may have beside its kind.
struct StageOptions: Record {
  static let about = "A stage: the key of its kind, and what every stage may say."
  let after: [StageName]
  let retry: RetrySettings?
  let timeout: Elapsed?

  init(_ keys: inout Keys) {
    let after: OneOrMany<StageName>? = keys(
      "after", "Stages that must be done before, although it does not use their rows.")
    let _: Phrase? = keys(
      "description", "What the stage is for.", such: "Orders without tests and doubles.")
    retry = keys("retry", "How it is tried again; as the pipeline says when left out.")
    timeout = keys("timeout", "How long one try may take.")
    self.after = after?.values ?? []
  }

  static let names = shape.keys.map(\.name)
}

/// A value that is read later, when more is known.
struct Unread: Readable {
  static let shape = Shape.ofAnyKind("a stage")
  static var blank: Self {
    let file = SourceFile(name: "", text: "")
    return Self(
      node: YAMLNode(
        kind: .scalar(Snippet(file: file), isQuoted: false), span: file.whole))
  }

  let node: YAMLNode

  static func read(_ node: YAMLNode, _ reader: Reader) -> Self? { Self(node: node) }
}
