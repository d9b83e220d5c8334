import ArgumentParser
import Diagnostics
import Foundation
import State

/// The command line. Commands parse and print; what they do is in the modules.
@main struct Roost: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roost",
    abstract: "Runs nightly customer pipelines that are written in plain files.",
    discussion: """
      A pipeline is a YAML file of stages that reads an online shop's data from Postgres, works out \
      who is about to leave and why, and writes segments and target lists back.

        roost init shop                           write a working project for a database
        roost check pipelines/retention.yaml      find every mistake before data moves
        roost preview FILE STAGE                  look at the rows that a stage makes
        roost test                                run the tests of pipelines/tests
        roost run pipelines/retention.yaml        make tonight's run
        roost schedule pipelines                  run each pipeline when it is due
        roost show 1                              see what a run did
        roost diff 1                              count whom it adds and removes
        roost rollback retention                  go back to the publication before
        roost help stages                         see what a pipeline can be made of

      Topics of roost help, beside the commands:

        project, pipeline, tests                  the keys of the three kinds of files
        stages, stage KIND                        what pipelines are made of
        functions, function NAME                  what expressions are made of

      Exit codes: 0 done; 1 a stage or a test failed; 2 the files are wrong; 3 a check blocked publication, or a person must approve it; \
      4 locked by another run; 5 a database cannot be reached; 64 wrong usage; 130 cancelled.
      """,
    version: RunOrigin.version,
    // Each has its name written out: to derive it from the type takes time at every start.
    subcommands: [
      Init.self, Check.self, Plan.self, Render.self, Preview.self, Lineage.self, Test.self,
      Run.self, Retry.self, Backfill.self, Schedule.self, Approve.self, Cancel.self,
      RollbackCommand.self, RepairCommand.self, Runs.self, Show.self, Logs.self, Why.self,
      Diff.self, Metrics.self, Migrate.self,
      Schema.self, Demo.self, Help.self,
    ])

  static func main() async {
    LibrarySettings.apply()
    // A run goes on although nobody reads its output any more, as behind `| head`.
    signal(SIGPIPE, SIG_IGN)
    refuseUnknownCommand(CommandLine.arguments.dropFirst().first)
    do {
      await run(try parseAsRoot())
    } catch {
      exit(withError: error)
    }
  }

  /// Names the nearest command, which the argument parser does not.
  private static func refuseUnknownCommand(_ name: String?) {
    let names = configuration.subcommands.map { $0.name }
    guard let name, !name.hasPrefix("-"), !names.contains(name) else { return }
    let near = Suggestion.nearest(to: name, in: names).map { "did you mean '\($0)'?" }
    Console.error(
      "there is no command '\(name)'\n  help: "
        + (near ?? "there are: \(names.joined(separator: ", "))"))
    exit(withError: ExitCode.wrongUsage)
  }

  private static func run(_ command: any ParsableCommand) async {
    var command = command
    do {
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      if let trouble = Console.outputTrouble {
        throw CommandFailure("standard output could not be written: \(trouble)", .stageFailed)
      }
    } catch let error as ValidationError {
      // With the usage of the command, not that of the program.
      Console.error(error.message)
      Console.note("Usage: \(usageString(for: type(of: command)))")
      exit(withError: ExitCode.wrongUsage)
    } catch let code as ExitCode {
      exit(withError: code)
    } catch let failure as any EndsCommand {
      Console.error(failure.status == .cancelled ? "cancelled" : "\(failure)")
      exit(withError: ExitCode(failure.status))
    } catch is CancellationError {
      Console.error("cancelled")
      exit(withError: ExitCode.cancelled)
    } catch {
      exit(withError: error)
    }
  }
}
