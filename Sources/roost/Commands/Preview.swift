import ArgumentParser
import Diagnostics
import Foundation
import Inspection
import PipelineFiles

struct Preview: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview",
    abstract: "Look at the rows that a stage makes, before anything is published.",
    discussion: """
      The stage and those before it are run in memory, over the data as it is now. Nothing is \
      written, locked or recorded, and stages after it may still be wrong. Of a train stage its model \
      is shown, of a write stage the rows that would be published. Personal data is masked.

        roost preview pipelines/retention.yaml clean_orders --limit 50
        roost preview pipelines/retention.yaml scores --where "churn_risk = 'high'"
        roost preview pipelines/retention.yaml user_features --sample 1%
        roost preview pipelines/retention.yaml churn --as-of 2026-05-01
        roost preview pipelines/retention.yaml segments --format csv
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, csv }

  @OptionGroup var pipeline: PipelineOptions

  @Argument(help: ArgumentHelp("The stage; without one, they are listed.", valueName: "stage"))
  var stageName: String?

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only rows for which this is true, such as \"spend_30d > 100\".", valueName: "expression"))
  var condition: String?

  @Option(
    help: ArgumentHelp(
      "Only rows that agree with others in these columns, with commas.", valueName: "names"))
  var repeats: String?

  @Option(
    help: ArgumentHelp(
      "Only rows whose value in a column stands in no row of another stage's column, such as "
        + "user_id=users.user_id.", valueName: "column=stage.column"))
  var missing: String?

  // What follows is its value, whatever it looks like: -1 is no option.
  @Option(parsing: .unconditional, help: "How many rows at most; 0 for the columns alone.")
  var limit = 20

  @Option(
    help: ArgumentHelp(
      "Look at this share of the entities only, such as 10% of the users; the same ones each time.",
      valueName: "share"))
  var sample: String?

  @Option(
    help: ArgumentHelp("Only these columns, in this order, with commas.", valueName: "names"))
  var columns: String?

  @Option(help: "text, json or csv.")
  var format = Format.text

  func validate() throws {
    if limit < 0 {
      throw ValidationError(
        "--limit must not be negative: a number of rows, or 0 for the columns alone")
    }
    _ = try share()
  }

  func run() async throws {
    let stage = try pipeline.named(stageName)
    let report = Report()
    let request: PreviewRequest?
    do {
      request = try await plan(stage, report)
    } catch {
      // What was found before a database could not be reached is worth knowing too.
      Console.show(report)
      throw error
    }
    guard let request, !report.hasErrors else { throw wrongFiles(report) }
    let warnings = report.diagnostics.count
    if warnings > 0 {
      Console.note(
        "\(warnings) \(warnings == 1 ? "warning" : "warnings"), see: roost check \(pipeline.file)")
    }
    if format == .csv, !request.makesRows {
      throw ValidationError("stage '\(stage)' makes no rows; use --format text or json")
    }
    let planned = request.planned
    Console.note(
      "\(planned.pipeline.name) as of \(planned.asOf.shortText(in: planned.pipeline.zone)) "
        + "(\(planned.pipeline.zone.name)); nothing is published")
    let display = RunDisplay(planned, publishes: false)
    defer { display.end() }
    let result = try await Interruption.cancelling {
      try await PreviewRunner(request) { display.show($0) }.run()
    }
    display.end()
    switch result {
    case .rows(let rows): show(rows)
    case .report(let report): show(report)
    }
  }

  private func plan(_ stage: String, _ report: Report) async throws -> PreviewRequest? {
    let publishing = try pipeline.publishing()
    guard let session = pipeline.project.openSession(pipeline: pipeline.file, report),
      let read = session.read(pipeline.file)
    else { return nil }
    let wishes = PreviewWishes(
      stage: stage,
      condition: condition.map { Snippet(file: SourceFile(name: "--where", text: $0)) },
      repeats: repeats.map { names($0, of: "--repeats") },
      missing: missing.map { Snippet(file: SourceFile(name: "--missing", text: $0)) },
      columns: columns.map { names($0, of: "--columns") }, limit: limit, sample: try share())
    return try await session.preview(
      wishes, of: read, asOf: try pipeline.instant(for: read), publishing: publishing)
  }

  /// The names between the commas of an option, each with its place.
  private func names(_ text: String, of option: String) -> [Snippet] {
    let whole = Snippet(file: SourceFile(name: option, text: text))
    var start = 0
    return text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let blanks = part.prefix { $0 == " " }.utf8.count
      let name = part.drop { $0 == " " }
      let length = name.utf8.count - name.reversed().prefix { $0 == " " }.count
      defer { start += part.utf8.count + 1 }
      return whole.part((start + blanks)..<(start + blanks + length))
    }
  }

  /// A share with its sign: a mere 1 could mean all or one percent.
  private func share() throws -> Share? {
    guard let sample else { return nil }
    let snippet = Snippet(file: SourceFile(name: "--sample", text: sample))
    guard sample.hasSuffix("%"), let share = try? Share(parsing: snippet), share.fraction > 0 else {
      throw ValidationError("'\(sample)' is no share of the entities; write --sample 10%")
    }
    return share
  }

  // MARK: Showing

  private func show(_ rows: PreviewRows) {
    switch format {
    case .text:
      for line in PreviewText(rows, width: Console.limitedWidth).lines { Console.print(line) }
    case .json: Console.write(PreviewData.json(rows), to: .standardOutput)
    case .csv: Console.write(PreviewData.csv(rows), to: .standardOutput)
    }
    let masked = rows.fields.filter(\.isPersonal).map(\.name)
    if !masked.isEmpty {
      Console.note("masked, because it is personal data: \(masked.joined(separator: ", "))")
    }
    var counts = "\(Quantities.grouped(rows.rows.count)) of \(Quantities.grouped(rows.matching))"
    if condition != nil || repeats != nil || missing != nil {
      counts += " rows that match, of \(Quantities.grouped(rows.total)) in all"
    } else {
      counts += rows.total == 1 ? " row" : " rows"
    }
    Console.note(counts + (format == .text ? "; ? marks types that may be null" : ""))
  }

  private func show(_ report: PreviewReport) {
    guard format == .text else {
      return Console.write(PreviewData.json(report), to: .standardOutput)
    }
    Console.print(report.stage)
    for note in report.result.notes { Console.print("  \(note)") }
    for warning in report.result.warnings { Console.print("  warning: \(warning)") }
  }
}
