import Frames
import PipelineFiles
import PostgresClient

/// Drafts a project for a database and writes it.
public struct ProjectInit: Sendable {
  /// Schemas to look at; all where it is empty.
  public var schemas: [String]
  /// `TABLE.COLUMN` of the entity; guessed where it is nil.
  public var entity: String?
  /// The database's own where it is nil.
  public var timezone: String?
  /// The variables that hold the databases' URLs.
  public var variable: String
  public var warehouseVariable: String
  /// Milliseconds after which a query on a table is stopped.
  var patience = SourceProbe.patience

  public init(
    schemas: [String] = [], entity: String? = nil, timezone: String? = nil,
    variable: String = "SHOP_DATABASE_URL", warehouseVariable: String = "SHOP_DATABASE_URL"
  ) {
    self.schemas = schemas
    self.entity = entity
    self.timezone = timezone
    self.variable = variable
    self.warehouseVariable = warehouseVariable
  }

  /// Looks at the database and drafts a project; nothing is written.
  /// - Throws: `InitError`; `PostgresError`.
  public func draft(
    for source: ConnectionString, publishingTo warehouse: ConnectionString
  ) async throws -> ProjectDraft {
    if let timezone, CalendarZone(named: timezone) == nil { throw InitError.unknownZone(timezone) }
    let connection = try await PostgresConnection.connect(
      to: source, options: ConnectionOptions(settings: ["lock_timeout": "2s"]))
    let looked = try await look(connection)
    await connection.close()
    let taken = try await takenNames(in: warehouse)
    return try draft(looked, taken: taken)
  }

  /// Writes a draft: all of its files or none.
  /// - Throws: `InitError.filesExist` where one is there already.
  public static func write(_ draft: ProjectDraft, to folder: String) throws(InitError) {
    try DraftFiles(folder: folder, files: draft.files).write()
  }

  /// What the database said.
  private struct Looked: Sendable {
    let catalog: SourceCatalog
    let choice: EntityChoice
    let main: Activity
    let zone: String
    let zoneReason: String
    let history: SourceProbe.Answer<ActivityHistory?>
    let learning: Learning
    let today: CivilDate
  }

  /// What can be learnt.
  private struct Learning: Sendable {
    var churn: ChurnChoice?
    var reason = ""
    var trustsEntityTime = true
  }

  private func look(_ database: isolated PostgresConnection) throws -> Looked {
    let catalog = try CatalogQueries(schemas: schemas).read(from: database)
    let choice = try TableGraph(catalog: catalog).entity(named: entity)
    guard let main = DraftFindings.main(of: choice) else {
      throw InitError.noActivity(
        entity: choice.column, looked: catalog.tables.map(\.name.description))
    }
    let (zone, reason) = zone(catalog)
    let probe = SourceProbe(activity: main, zone: zone, patience: patience)
    let history = try probe.history(database)
    let today = try database.query(
      "SELECT (now() AT TIME ZONE \(try SQL.literal(zone)))::date - date '2000-01-01' AS today")
    return Looked(
      catalog: catalog, choice: choice, main: main, zone: zone, zoneReason: reason,
      history: history, learning: try learning(choice, history, probe, database),
      today: CivilDate(days: Int64(try today.first?.int("today") ?? 0)))
  }

  private func zone(_ catalog: SourceCatalog) -> (name: String, reason: String) {
    if let timezone { return (timezone, "chosen with --timezone") }
    guard CalendarZone(named: catalog.timeZone) != nil else {
      return ("UTC", "the database's own zone has no IANA name; --timezone decides")
    }
    return (catalog.timeZone == "Etc/UTC" ? "UTC" : catalog.timeZone, "the database's own zone")
  }

  /// The first plan for which there are enough of both kinds at the cutoffs.
  private func learning(
    _ choice: EntityChoice, _ history: SourceProbe.Answer<ActivityHistory?>, _ probe: SourceProbe,
    _ database: isolated PostgresConnection
  ) throws -> Learning {
    var learning = Learning()
    guard case .found(let found) = history else {
      // A table that takes so long to read holds enough.
      learning.churn = ChurnChoice(plan: ChurnPlan.all[0], cutoffs: 3, counts: nil)
      return learning
    }
    guard let found else {
      learning.reason = "\(probe.activity.table.name) has no rows yet"
      return learning
    }
    let plans = ChurnPlan.all.filter { $0.fits(found.days) }
    if plans.isEmpty {
      learning.reason =
        "\(probe.activity.table.name) reaches back \(found.days) days, too few to learn from"
      return learning
    }
    let owner =
      choice.isOwnTable
      ? ColumnGuesses.time(of: choice.table, but: [choice.column]).map {
        (table: choice.table, key: choice.column, time: $0.name)
      } : nil
    for plan in plans {
      // The validation cutoff, and the latest that is trained on.
      let last = CivilDate(days: found.end.days - Int64(plan.horizon))
      let earlier = CivilDate(days: last.days - Int64(plan.horizon))
      guard case .found(let counts) = try probe.labels(at: last, plan, owner: owner, database),
        case .found(let before) = try probe.labels(at: earlier, plan, owner: owner, database)
      else {
        learning.churn = ChurnChoice(
          plan: plan, cutoffs: plan.cutoffs(in: found.days), counts: nil)
        return learning
      }
      // Where the own table knew few of those who were active already, its time is another one.
      learning.trustsEntityTime = before.knownEligible * 10 >= before.eligible * 9
      let trusts = learning.trustsEntityTime
      let eligible = trusts ? counts.knownEligible : counts.eligible
      let silent = trusts ? counts.knownSilent : counts.silent
      if LabelCounts.suffices(eligible, silent),
        trusts
          ? LabelCounts.suffices(before.knownEligible, before.knownSilent)
          : LabelCounts.suffices(before.eligible, before.silent)
      {
        learning.churn = ChurnChoice(
          plan: plan, cutoffs: plan.cutoffs(in: found.days), counts: (eligible, silent))
        return learning
      }
    }
    learning.reason =
      "at no past day were there enough in \(probe.activity.table.name) who fell silent "
      + "and enough who did not"
    return learning
  }

  /// Names of tables and views in schemas that might be published to.
  private func takenNames(in warehouse: ConnectionString) async throws -> Set<String> {
    let connection = try await PostgresConnection.connect(to: warehouse)
    let rows = try await connection.query(
      """
      SELECT n.nspname || '.' || c.relname AS name
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ANY($1)
      """, [.texts(Self.targets)])
    await connection.close()
    return Set(try rows.map { try $0.string("name") })
  }

  private static let targets = ["marketing", "marketing_roost", "roost_marketing"]

  private func draft(_ looked: Looked, taken: Set<String>) throws -> ProjectDraft {
    let what = DraftFindings.what(looked.choice)
    let names = ["\(what)_scores", "\(what)_segments"].flatMap { [$0, "\($0)_current"] }
    let target = Self.targets.first { schema in
      !names.contains { taken.contains("\(schema).\($0)") }
    }
    let findings = DraftFindings(
      catalog: looked.catalog, choice: looked.choice, main: looked.main, history: looked.history,
      churn: looked.learning.churn, noChurn: looked.learning.reason,
      trustsEntityTime: looked.learning.trustsEntityTime, zone: looked.zone,
      zoneReason: looked.zoneReason, variable: variable, warehouseVariable: warehouseVariable,
      target: target ?? "marketing_\(what)", today: looked.today)
    var draft = try ProjectDraft(findings)
    draft.notes = findings.notes
    return draft
  }
}

extension DraftFindings {
  /// What was decided, for somebody who looks at the screen only.
  var notes: [String] {
    var notes = ["about \(choice.table.name).\(choice.column): \(choice.reason)"]
    if !choice.alternatives.isEmpty {
      notes.append(
        "or about \(choice.alternatives.joined(separator: ", ")): --entity TABLE.COLUMN decides")
    }
    notes.append("active by \(main.table.name), at its \(main.time.name)")
    if let churn {
      notes.append(
        "with a churn model: nothing in the next \(churn.plan.horizon) days"
          + (churn.baseRate.map { ", true of \(Int(($0 * 100).rounded())) of 100 before" } ?? ""))
    } else {
      notes.append("without a churn model: \(noChurn)")
    }
    return notes
  }
}

extension CivilDate {
  /// As `2026-06-01`.
  var text: String {
    let (year, month, day) = components
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}
