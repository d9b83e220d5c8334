import Diagnostics

extension PlannedPipeline {
  /// Says which columns of sources are left out because they cannot be read. Where all columns of a
  /// source are published, that is an error: a table must not lose a column in silence.
  func checkUnread(_ report: Report) {
    let whole = publishedWhole
    for stage in pipeline.stages {
      guard let unread = plan(of: stage)?.reading?.unread else { continue }
      if let publisher = whole[stage.name.text] {
        report.error(
          .statementRefused, unread.refusal.message, at: unread.place,
          help: (unread.refusal.hint.map { "\($0); " } ?? "")
            + "stage '\(publisher)' publishes all columns")
        continue
      }
      let list = unread.columns.map { "\($0.name) (\($0.type ?? "not granted"))" }
      report.note(
        .unreadColumn,
        "columns of \(unread.table) that cannot be read are left out, and no stage uses them: "
          + list.joined(separator: ", "), at: unread.place,
        help: "to read one, say sql: with a SELECT that casts it to a type that can be read")
    }
  }

  /// The stages all of whose columns reach a table, with the stage that publishes it.
  private var publishedWhole: [String: String] {
    var publishers: [String: String] = [:]
    for stage in pipeline.stages.reversed() {
      guard let plan = plan(of: stage) else { continue }
      let name = stage.name.text
      let isPublished = !plan.shape.isSomething && !plan.publishes.isEmpty
      guard let publisher = isPublished ? name : publishers[name] else { continue }
      let needs = plan.needs(nil)
      for input in Set(stage.kind.inputs.map(\.text)) where (needs[input] ?? nil) == nil {
        publishers[input] = publisher
      }
    }
    return publishers
  }
}
