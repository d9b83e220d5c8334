import ArgumentParser
import PipelineFiles
import State

struct Show: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what a run did: its stages, its model, what it published.")

  @OptionGroup var wanted: RunArgument

  @OptionGroup var project: ProjectOptions

  @OptionGroup var output: FormatOption

  func run() async throws {
    let store = try await project.store()
    let id = try await wanted.resolved(in: store)
    let (run, stages, publications) = try await store.run(id)
    let decisions = try await store.decisions(about: id)
    await store.close()
    if output.format == .json {
      Console.data(json(run, stages, publications, decisions).text)
    } else {
      for line in lines(run, stages, publications, decisions) { Console.print(line) }
    }
  }

  private func lines(
    _ run: RunRecord, _ stages: [StageRecord], _ publications: [PublicationRecord],
    _ decisions: [Decision]
  ) -> [String] {
    var lines = [
      "run \(run.id) of \(run.pipeline)"
        + (run.attempt > 1 ? ", attempt \(run.attempt)" : "")
        + (run.selection.map { ", only \($0.joined(separator: ", "))" } ?? "")
        + (run.environment.isEmpty ? "" : " in environment \(run.environment)"),
      "as of \(run.asOf.shortText(in: run.zone)) (\(run.zone.name)), "
        + "\(run.outcome)\(run.took.map { " in \($0)" } ?? "")",
    ]
    lines.append(
      "began \(run.startedAt.offsetText(in: run.zone))"
        + (run.origin.text.map { "; \(run.attempt > 1 ? "latest attempt by" : "by") \($0)" } ?? ""))
    if let error = run.error { lines.append(error) }
    if run.state == .held {
      lines.append(
        "see what it changes: roost diff \(run.id); publish it: roost approve \(run.id); "
          + "let it go: roost cancel \(run.id)")
    }
    lines += decisions.map { "\($0.text(about: run.id)), \($0.at.offsetText(in: run.zone))" }
    lines += run.snapshots.sorted { $0.key < $1.key }.map { source, instant in
      "\(source) as it was at \(instant.offsetText(in: run.zone))"
    }
    var table = TextTable([
      ("stage", .left), ("kind", .left), ("state", .left), ("rows", .right), ("took", .right),
    ])
    for stage in stages {
      let took = zip(stage.startedAt, stage.finishedAt).map {
        Quantities.duration($0.seconds(until: $1))
      }
      table.rows.append([
        stage.name, stage.kind, stage.outcome,
        stage.rows.map(Quantities.grouped) ?? "", took ?? "",
      ])
    }
    lines += [""] + table.lines
    for stage in stages where !(stage.notes + stage.warnings).isEmpty || stage.error != nil {
      lines += ["", stage.name]
      lines += stage.notes.map { "  \($0)" } + stage.warnings.map { "  warning: \($0)" }
      if let error = stage.error { lines.append("  error: \(error)") }
    }
    if !publications.isEmpty { lines += ["", "published"] }
    for publication in publications {
      lines.append(
        "  \(publication.target)  \(Quantities.grouped(publication.rows)) rows"
          + (publication.isCurrent ? "  (current)" : ""))
    }
    return lines
  }

  private func zip<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
    if let a, let b { (a, b) } else { nil }
  }

  private func json(
    _ run: RunRecord, _ stages: [StageRecord], _ publications: [PublicationRecord],
    _ decisions: [Decision]
  ) -> JSONValue {
    guard case .object(var object) = run.json else { return run.json }
    object["stages"] = .array(
      stages.map { stage in
        .object([
          "stage": .string(stage.name), "kind": .string(stage.kind),
          "state": .string(stage.state.rawValue), "tries": .integer(stage.tries),
          "is_reused": .bool(stage.isReused),
          "started_at": stage.startedAt.map { .string($0.rfc3339) } ?? .null,
          "finished_at": stage.finishedAt.map { .string($0.rfc3339) } ?? .null,
          "rows": stage.rows.map { .integer($0) } ?? .null,
          "notes": .array(stage.notes.map { .string($0) }),
          "warnings": .array(stage.warnings.map { .string($0) }), "details": stage.details,
          "error": stage.error.map { .string($0) } ?? .null,
        ])
      })
    object["published"] = .array(
      publications.map {
        .object([
          "table": .string($0.target), "rows": .integer($0.rows),
          "is_current": .bool($0.isCurrent),
        ])
      })
    object["decisions"] = .array(
      decisions.map {
        .object([
          "kind": .string($0.kind.rawValue), "run": .integer($0.run),
          "from": $0.from.map { .integer($0) } ?? .null, "by": .string($0.by),
          "at": .string($0.at.rfc3339),
        ])
      })
    return .object(object)
  }
}

extension Decision {
  /// `rolled back to by maria@host`
  func text(about run: Int) -> String {
    switch kind {
    case .approve: "approved by \(by)"
    case .cancel: "let go by \(by)"
    case .rollback:
      run == self.run
        ? "rolled back to\(from.map { ", from run \($0)," } ?? "") by \(by)"
        : "rolled back to run \(self.run) by \(by)"
    }
  }
}

extension StageRecord {
  /// How it ended, for people.
  fileprivate var outcome: String {
    if isReused { return "reused" }
    return state.rawValue + (tries > 1 ? ", try \(tries)" : "")
  }
}
