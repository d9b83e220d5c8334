import Diagnostics
import PipelineFiles

/// Which stages a partial run makes.
public struct StageSelection: Sendable {
  /// Stages that are made, whatever is kept of them.
  let anew: Set<String>
  /// Stages that are done; those that they need beside them are taken from checkpoints, or made.
  let wanted: Set<String>
  /// In the order of the pipeline, for the run's row.
  package let names: [String]

  /// - Parameters:
  ///   - only: stages; `name+` with all that depend on it, `+name` with all that it depends on.
  ///   - from: stages that are made with all that depend on them.
  ///   - to: stages that are made with all that they depend on.
  ///   - resumes: whether what is upstream of `to` may come from checkpoints.
  /// - Returns: nil where nothing was selected.
  /// - Throws: `SelectionError`.
  public init?(
    only: [String], from: [String], to: [String], resumes: Bool, in pipeline: Pipeline
  ) throws(SelectionError) {
    guard !(only + from + to).isEmpty else { return nil }
    var chosen: Set<String>?
    var anew: Set<String> = []
    func narrow(_ set: Set<String>) { chosen = chosen?.intersection(set) ?? set }
    if !only.isEmpty {
      var set: Set<String> = []
      for word in only {
        let name = try Self.name(word, in: pipeline)
        set.insert(name)
        if word.hasPrefix("+") { set.formUnion(pipeline.upstream(of: name)) }
        if word.hasSuffix("+") { set.formUnion(pipeline.downstream(of: name)) }
      }
      anew.formUnion(set)
      narrow(set)
    }
    if !from.isEmpty {
      var set: Set<String> = []
      for word in from {
        set.formUnion(pipeline.downstream(of: try Self.name(word, in: pipeline)))
      }
      anew.formUnion(set)
      narrow(set)
    }
    if !to.isEmpty {
      var set: Set<String> = []
      for word in to { set.formUnion(pipeline.upstream(of: try Self.name(word, in: pipeline))) }
      if !resumes { anew.formUnion(set) }
      narrow(set)
    }
    let wanted = chosen ?? []
    guard !wanted.isEmpty else { throw SelectionError.nothing }
    self.wanted = wanted
    self.anew = anew.intersection(wanted)
    names = pipeline.stages.map(\.name.text).filter(wanted.contains)
  }

  private static func name(
    _ word: String, in pipeline: Pipeline
  ) throws(SelectionError) -> String {
    var name = word[...]
    if name.hasPrefix("+") { name = name.dropFirst() }
    if name.hasSuffix("+") { name = name.dropLast() }
    let names = pipeline.stages.map(\.name.text)
    guard names.contains(String(name)) else { throw SelectionError.unknown(String(name), names) }
    return String(name)
  }
}

/// Why stages cannot be selected.
public enum SelectionError: EndsCommand {
  case unknown(String, [String])
  /// No stage is in all that was asked for.
  case nothing

  public var status: ExitStatus { .wrongUsage }

  public var description: String {
    switch self {
    case .unknown(let name, let names):
      "there is no stage '\(name)'; "
        + (Suggestion.help(for: name, in: names) ?? "they are \(names.joined(separator: ", "))")
    case .nothing: "no stage is selected: what --from, --to and --only ask for has none in common"
    }
  }
}
