import ArgumentParser
import DemoShop
import Diagnostics
import Foundation
import PostgresClient
import Synchronization

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "The demo shop.", subcommands: [Load.self])

  struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "load",
      abstract: "Fill the database of a connection with a demo shop, or with CDNOW's real orders.",
      discussion: """
        Makes schema shop anew, with users, products, orders, events and more; equal seeds make \
        equal shops. A schema of that name that the demo did not make is never touched.
        """)

    @Option(help: "How many users the shop has.")
    var users = 20_000

    @Option(help: "Equal seeds make equal shops.")
    var seed: UInt64 = 1

    @Option(
      help: ArgumentHelp(
        "Load the orders of this CSV file (or .csv.gz) into schema cdnow instead.",
        valueName: "file"))
    var cdnow: String?

    @Option(help: "The connection whose database is filled.")
    var connection = "shop"

    @OptionGroup var project: ProjectOptions

    func run() async throws {
      let report = Report()
      guard let database = try project.session(report).database(connection) else {
        throw wrongFiles(report)
      }
      let began = ContinuousClock.now
      let summary = try await Interruption.cancelling {
        let connection = try await PostgresConnection.connect(to: database)
        let summary = try await load(connection)
        await connection.close()
        return summary
      }
      var table = TextTable([("table", .left), ("rows", .right)])
      for part in summary.tables {
        table.rows.append([part.name, Quantities.grouped(part.rows)])
      }
      for line in table.lines { Console.print(line) }
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      Console.note(
        "\(Quantities.grouped(summary.rows)) rows loaded in \(Quantities.duration(seconds))")
    }

    private func load(_ connection: PostgresConnection) async throws -> LoadSummary {
      if let cdnow {
        return try await CDNOW(readingFrom: cdnow).load(into: connection)
      }
      let bar = ProgressBar()
      defer { bar.end() }
      return try await DemoShop(users: users, seed: seed).load(into: connection) { progress in
        let step = progress.step == .rows ? "\(Quantities.grouped(progress.rows)) rows" : "indexes"
        bar.show(done: progress.done, of: progress.total, step)
      }
    }
  }
}
