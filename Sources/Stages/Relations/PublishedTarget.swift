import Diagnostics
import Frames
import PipelineFiles
import PostgresFacts

/// A table that a stage publishes as a snapshot, and whether it may.
struct PublishedTarget {
  /// As the pipeline names it.
  let table: QualifiedName
  /// Where it is named.
  let place: SourceSpan
  let context: PlanContext

  /// What has to be asked about it before it can be checked.
  var question: CatalogQuestion {
    .target(
      context.publishing.resolve(table),
      owner: PublishedTable.Owner(
        pipeline: context.pipeline, environment: context.publishing.name ?? ""),
      connection: context.project.settings.state.text)
  }

  /// The tables and views that a run makes for it.
  var made: [MadeTable] {
    [table, TargetTable.current(of: table)].map { MadeTable($0, at: place) }
  }

  /// Reports a schema that is not for published tables.
  func checkSchema() {
    let schema = table.schema ?? ""
    if context.publishing.name != nil, !PublishingEnvironment.canStandIn(schema) {
      context.report.error(
        .targetConflict,
        "in an environment, schema '\(schema)' could be taken for one of another environment",
        at: place, help: "publish to a schema without __ in its name")
    }
    guard PublishingEnvironment.isReserved(schema) else { return }
    context.report.error(
      .targetConflict, "schema '\(schema)' is not for published tables", at: place,
      help: "write to a schema of your own, such as marketing")
  }

  /// Reports what stands against publishing columns in it.
  /// - Parameter columns: where messages about columns point.
  func check(_ schema: Schema, columnsAt columns: SourceSpan) {
    checkLength(context.publishing.resolve(table))
    checkWidth(schema)
    checkState(schema, columns)
    for field in schema.fields { check(field, at: columns) }
  }

  /// Postgres would cut a longer name without a word.
  private func checkLength(_ table: QualifiedName) {
    let longest = 63
    guard
      (table.name + "_current").utf8.count > longest
        || (table.schema ?? "").utf8.count > longest
    else { return }
    context.report.error(
      .targetConflict, "the name \(table)_current is too long for Postgres", at: place,
      help: "a table's name has at most \(longest - "_current".count) bytes, a schema's \(longest)")
  }

  private func checkWidth(_ schema: Schema) {
    let most = 1600
    let own = TargetTable.ownFields.count
    guard schema.fields.count > most - own else { return }
    context.report.error(
      .targetConflict,
      "a table of Postgres has at most \(most) columns, and \(table) would have "
        + "\(schema.fields.count) and \(own) of roost's", at: place,
      help: "leave columns out where the rows are read")
  }

  /// Reports types that become wider: that is followed, unless others' views stand in the way.
  private func check(
    _ widenings: [ColumnWidening], of published: PublishedTable, at columns: SourceSpan
  ) {
    if let obstacle = published.obstacle(to: widenings) {
      context.report.error(
        .targetConflict, "\(table): \(obstacle)", at: columns,
        help:
          "drop what uses it, run, and make it again; or keep the type with a cast in a clean stage"
      )
      return
    }
    for widening in widenings {
      context.report.warning(
        .columnWidened,
        "\(table): column '\(widening.column)' was \(widening.from) and becomes \(widening.to)",
        at: columns,
        help:
          "the next run changes it in all publications that are kept, and readers wait meanwhile; to "
          + "keep the type, cast it in a clean stage")
    }
  }

  private func checkState(_ schema: Schema, _ columns: SourceSpan) {
    guard case .target(let state) = context.catalog.answer(to: question) else { return }
    switch state {
    case .usable: break
    case .published(let published):
      for loss in published.losses(with: schema.fields) {
        context.report.error(
          .targetConflict, "\(table): \(loss), and readers may rely on it", at: place,
          help: "give them what they know, or write to another table")
      }
      check(published.widenings(with: schema.fields), of: published, at: columns)
    case .ofAnother(let owner):
      context.report.error(
        .targetConflict, "\(context.publishing.resolve(table)) is published by \(owner)", at: place,
        help: "write to another table, or put both into one pipeline")
    case .foreign:
      context.report.error(
        .targetConflict, "\(table) or \(table)_current exists and is not roost's", at: place,
        help: "write to another table, or rename what is there")
    case .type(let name):
      context.report.error(
        .targetConflict, "there is a type \(name), and no table can have the name of a type",
        at: place, help: "write to another table, or rename the type")
    }
  }

  private func check(_ field: Field, at span: SourceSpan) {
    if ["as_of", "run_id"].contains(field.name) {
      context.report.error(
        .unusableColumnName, "roost itself adds a column '\(field.name)' to \(table.name)",
        at: span, help: "give it another name before")
    }
    if PublishedTable.systemColumns.contains(field.name) {
      context.report.error(
        .unusableColumnName,
        "every table of Postgres has a column '\(field.name)' of its own", at: span,
        help: "give it another name before")
    }
    if field.name.contains(".") {
      context.report.error(
        .unusableColumnName, "the column name '\(field.name)' has a point in it", at: span,
        help: "give it another name before")
    }
  }
}
