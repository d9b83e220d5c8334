import ArgumentParser
import Drafting
import Foundation
import PostgresClient

struct Init: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a small working project for a database.",
    discussion: """
      Looks at the catalogue of the database that an environment variable names, guesses who the \
      customers are and what they do, and writes a project that passes 'roost check' as it stands: \
      features, a churn model where there is enough to learn from, and segments. Every guess \
      stands as a comment in the files. Nothing is changed in the database. Of the tables \
      themselves only the one that looks like orders is read, for how far back it reaches and how \
      many fell silent; these queries are stopped after 10 seconds each.

        export SHOP_DATABASE_URL=postgresql://me@localhost/shop
        roost init churn
        cd churn
        roost check pipelines/customer_segments.yaml
        roost run pipelines/customer_segments.yaml

      Where a guess is wrong:

        roost init churn --schema sales --entity contacts.contact_no
      """)

  @Argument(
    help: ArgumentHelp("The folder of the project; made if it is not there.", valueName: "dir"))
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Environment variable with the database's URL.", valueName: "name"))
  var connectionVariable = "SHOP_DATABASE_URL"

  @Option(
    help: ArgumentHelp(
      "Environment variable with the URL of the database that results go to; "
        + "WAREHOUSE_DATABASE_URL if that is set, otherwise the same database.",
      valueName: "name"))
  var warehouseVariable: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Look at this schema only; may be given several times.", valueName: "name"))
  var schema: [String] = []

  @Option(help: ArgumentHelp("Who it is about.", valueName: "table.column"))
  var entity: String?

  @Option(
    help: ArgumentHelp(
      "Where days are cut; the database's own zone when left out.", valueName: "zone"))
  var timezone: String?

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let other = "WAREHOUSE_DATABASE_URL"
    let warehouse =
      warehouseVariable ?? (environment[other]?.isEmpty == false ? other : connectionVariable)
    let source = try database(connectionVariable, environment)
    let target = try database(warehouse, environment)
    let maker = ProjectInit(
      schemas: schema, entity: entity, timezone: timezone, variable: connectionVariable,
      warehouseVariable: warehouse)
    let draft = try await Interruption.cancelling {
      try await maker.draft(for: source, publishingTo: target)
    }
    try ProjectInit.write(draft, to: folder)
    for note in draft.notes { Console.note(note) }
    for file in draft.files { Console.print(shown(file.path)) }
    Console.note("")
    for line in nextSteps(draft) { Console.note(line) }
  }

  private func database(
    _ variable: String, _ environment: [String: String]
  ) throws -> ConnectionString {
    guard variable.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
      throw ValidationError("'\(variable)' is not the name of an environment variable")
    }
    guard let url = environment[variable], !url.isEmpty else {
      throw CommandFailure(
        "the environment variable \(variable) is not set\n"
          + "set it, as in export \(variable)=postgresql://me@localhost/shop, or name another with "
          + "--connection-variable", .wrongFiles)
    }
    return try ConnectionString(url)
  }

  private func shown(_ path: String) -> String {
    folder == "." ? path : (folder.hasSuffix("/") ? folder : folder + "/") + path
  }

  private func nextSteps(_ draft: ProjectDraft) -> [String] {
    let asOf = draft.asOf.map { " --as-of \($0)" } ?? ""
    let file = shown(draft.pipeline)
    var steps = [
      ("roost check \(file)", "is it right?"),
      ("roost plan \(file)\(asOf)", "what would it do?"),
      ("roost preview \(file) \(draft.features)\(asOf)", "what would come of it?"),
      ("roost run \(file)\(asOf)", "do it, and publish"),
    ]
    if draft.files.contains(where: { $0.text.contains("${ROOST_HASH_KEY}") }) {
      steps.insert(("export ROOST_HASH_KEY=…", "a long random text; keep it"), at: 0)
    }
    let width = steps.map(\.0.count).max() ?? 0
    var lines = ["Next:"]
    for (command, what) in steps {
      lines.append("  " + command + String(repeating: " ", count: width + 2 - command.count) + what)
    }
    if draft.asOf != nil {
      lines.append("The data ends there: seen from today, nobody was active lately.")
    }
    lines.append("Then read \(draft.tables.map { "\($0)_current" }.joined(separator: " and ")).")
    return lines
  }
}
