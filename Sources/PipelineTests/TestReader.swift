import Diagnostics
import Frames
import Inspection
import PipelineFiles

/// A test that was read, with the pipeline that it tests.
struct ReadTest {
  struct Given {
    let stage: Stage
    /// Where the test names it.
    let span: SourceSpan
    let columns: EntriesByName<ColumnName, Phrase>
    let rows: RowSet

    /// Whether it is what the stage reads; otherwise the stage is not run, and hands it on.
    var isRead: Bool { stage.kind.inputs.isEmpty }
  }

  enum Expectation {
    case rows(RowSet, RowOrder)
    case count(Int)
  }

  let file: SourceFile
  let name: String
  /// Only the stages that are planned, and those that are given.
  let pipeline: Pipeline
  /// Stages that are run, or given, for what is expected.
  let needed: Set<String>
  /// Those, and the stages from which given ones have their columns.
  let planned: Set<String>
  let asOf: Instant
  let given: [Given]
  let expected: [(stage: Stage, span: SourceSpan, expectation: Expectation)]
}

/// Reads test files; what is wrong goes into the session's report.
struct TestReader {
  let session: ProjectSession

  /// Rows of a test, in bytes.
  private static let longestRows = 64 << 20

  private var report: Report { session.report }

  func read(_ path: String) -> ReadTest? {
    let reader = PipelineReader(
      registry: session.registry, environment: session.environment, report: report)
    let before = report.errorCount
    do throws(Diagnostic) {
      let file = try Files.read(path)
      guard let test: PipelineTest = reader.record(file, beginning: "test: and what it tests")
      else { return nil }
      let pipelineFile = try Files.read(
        beside(file, test.pipeline), usedAt: test.pipeline.span)
      guard
        let pipeline = reader.pipeline(
          pipelineFile, in: session.project, parameters: parameters(test))
      else { return nil }
      checkParameters(test, pipeline)
      guard let asOf = Instant(test.asOf.text, in: pipeline.zone) else {
        throw Diagnostic(
          .wrongValue, "'\(test.asOf.text)' is not an instant", at: test.asOf.span,
          help: "write 2026-06-21 or 2026-06-21T09:30")
      }
      let read = try read(test, file, pipeline, asOf)
      return report.errorCount == before ? read : nil
    } catch {
      report.add(error)
      return nil
    }
  }

  private func beside(_ file: SourceFile, _ path: FilePath) -> String {
    Paths.join(Paths.folder(of: file.name), path.text)
  }

  private func parameters(_ test: PipelineTest) -> [String: Snippet] {
    Dictionary(
      test.parameters.entries.map {
        ($0.name.text, Snippet($0.value.text, span: $0.value.span))
      }, uniquingKeysWith: { first, _ in first })
  }

  private func checkParameters(_ test: PipelineTest, _ pipeline: Pipeline) {
    let known = pipeline.settings.parameters.entries.map(\.name.text)
    for entry in test.parameters.entries where !known.contains(entry.name.text) {
      report.error(
        .unknownParameter, "the pipeline has no parameter '\(entry.name.text)'",
        at: entry.name.span, help: Suggestion.help(for: entry.name.text, in: known))
    }
  }

  private func read(
    _ test: PipelineTest, _ file: SourceFile, _ pipeline: Pipeline, _ asOf: Instant
  ) throws(Diagnostic) -> ReadTest {
    var given: [ReadTest.Given] = []
    for entry in test.given.entries {
      guard let stage = stage(entry.name, pipeline) else { continue }
      guard !stage.kind.isDoneAtPublication else {
        report.error(
          .wrongInput,
          "stage '\(entry.name.text)' is of kind \(stage.kindName) and hands on no rows",
          at: entry.name.span, help: "give the rows of a stage that makes some")
        continue
      }
      let keys = entry.value.keys
      if !stage.kind.inputs.isEmpty, let column = keys.columns.entries.first {
        report.error(
          .keyCombination,
          "the columns of stage '\(entry.name.text)' follow from the pipeline",
          at: column.name.span, help: "remove 'columns'; only extracts say them")
      }
      let rows = try rows(keys.rows, keys.csv, file, of: entry.name)
      given.append(
        ReadTest.Given(stage: stage, span: entry.name.span, columns: keys.columns, rows: rows))
    }
    if test.expect.value.entries.isEmpty {
      report.error(
        .missingKey, "the test expects nothing", at: test.expect.key,
        help: "name a stage under expect:, with its rows")
    }
    var needed: Set<String> = []
    var expected: [(stage: Stage, span: SourceSpan, expectation: ReadTest.Expectation)] = []
    for entry in test.expect.value.entries {
      guard let stage = stage(entry.name, pipeline) else { continue }
      need(stage, pipeline, given: test.given, at: entry.name.span, &needed)
      let keys = entry.value.keys
      if case .count(let count)? = keys.rows, keys.csv == nil {
        expected.append((stage, entry.name.span, .count(count)))
        continue
      }
      let inline: InlineRows? = if case .rows(let rows)? = keys.rows { rows } else { nil }
      let rows = try rows(inline, keys.csv, file, of: entry.name)
      expected.append((stage, entry.name.span, .rows(rows, keys.order)))
    }
    checkUse(of: given, needed, test.expect.value)
    var planned = needed
    for stage in pipeline.stages.reversed() where planned.contains(stage.name.text) {
      planned.formUnion(stage.kind.inputs.map(\.text))
    }
    return ReadTest(
      file: file, name: test.name.text,
      pipeline: pipeline.limited(to: planned.union(given.map(\.stage.name.text))), needed: needed,
      planned: planned, asOf: asOf, given: given, expected: expected)
  }

  /// Rows in place of a stage's work are there for stages that are run.
  private func checkUse(
    of given: [ReadTest.Given], _ needed: Set<String>,
    _ expected: EntriesByName<StageName, ListOr<ExpectedRows>>
  ) {
    for given in given where !given.isRead {
      let name = given.stage.name.text
      if let entry = expected.entries.first(where: { $0.name.text == name }) {
        report.error(
          .wrongInput, "stage '\(name)' is given and therefore not run", at: entry.name.span,
          help: "expect rows of a stage that uses it, or give rows to the stages that it uses")
      } else if !needed.contains(name) {
        report.error(
          .wrongInput, "stage '\(name)' is given, and nothing that is expected here uses it",
          at: given.span, help: "remove it, or expect rows of a stage that uses it")
      }
    }
  }

  private func rows(
    _ inline: InlineRows?, _ csv: FilePath?, _ file: SourceFile, of name: StageName
  ) throws(Diagnostic) -> RowSet {
    switch (inline, csv) {
    case (let rows?, nil): return RowSet(rows)
    case (nil, let path?):
      return try RowSet(
        csv: try Files.read(beside(file, path), usedAt: path.span, limit: Self.longestRows))
    case (nil, nil):
      throw Diagnostic(
        .keyCombination, "'\(name.text)' says neither 'rows' nor 'csv'", at: name.span,
        help: "write its rows below it, each as - { column: value }")
    case (_?, let path?):
      throw Diagnostic(
        .keyCombination, "'\(name.text)' says both 'rows' and 'csv'", at: path.span,
        help: "remove one of them")
    }
  }

  private func stage(_ name: StageName, _ pipeline: Pipeline) -> Stage? {
    if let stage = pipeline.stages.first(where: { $0.name == name }) { return stage }
    report.error(
      .unknownStage, "there is no stage '\(name.text)'", at: name.span,
      help: Suggestion.help(for: name.text, in: pipeline.stages.map(\.name.text)))
    return nil
  }

  /// Adds a stage and all whose rows it uses; what is before a given one is not needed.
  private func need(
    _ stage: Stage, _ pipeline: Pipeline, given: EntriesByName<StageName, ListOr<GivenRows>>,
    at span: SourceSpan,
    _ needed: inout Set<String>
  ) {
    guard needed.insert(stage.name.text).inserted, given[stage.name.text] == nil else { return }
    if stage.kind.inputs.isEmpty {
      report.error(
        .notGiven, "stage '\(stage.name.text)' is not given, and what is expected here needs it",
        at: span,
        help:
          "write its rows under given:, \(stage.name.text): [] for none; or those of a stage that uses it"
      )
    }
    for input in stage.kind.inputs {
      guard let input = pipeline.stages.first(where: { $0.name == input }) else { continue }
      need(input, pipeline, given: given, at: span, &needed)
    }
  }
}
