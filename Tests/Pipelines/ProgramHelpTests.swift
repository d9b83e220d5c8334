import Expressions
import Foundation
import PipelineFiles
import Stages
import Testing

/// What the program says of itself, and of files to other programs.
@Suite struct ProgramHelpTests {
  @Test func `help on commands is the argument parser's`() async throws {
    try await withProject { project in
      let program = project.program
      for path in [["run"], ["check"], ["demo", "load"], ["runs"], ["schema"]] {
        let help = try await program.start(["help"] + path).result()
        let own = try await program.start(path + ["--help"]).result()
        #expect(help.status == 0)
        #expect(help.output.contains("USAGE: roost \(path.joined(separator: " "))"))
        #expect(
          help.output.split(separator: "\n").first == own.output.split(separator: "\n").first)
      }
      let all = try await program.run("help")
      #expect(all.status == 0 && all.output.contains("SUBCOMMANDS"))
      let wrong = try await program.run("help", "rnu")
      #expect(wrong.status == 64)
      #expect(wrong.errors.contains("did you mean 'run'?"))
      #expect(try await program.run("--version").output == "0.1.0\n")
    }
  }

  @Test func `help on stages comes from their declarations`() async throws {
    try await withProject { project in
      let program = project.program
      let list = try await program.run("help", "stages")
      for kind in StageRegistry.builtIn.kinds {
        #expect(list.output.contains("  \(kind.kind) "))
        let page = try await program.run("help", "stage", kind.kind)
        #expect(page.status == 0 && page.errors == "")
        let lines = try #require(StageText(.builtIn, width: 80).kind(kind.kind))
        #expect(page.output == lines.joined(separator: "\n") + "\n")
      }
      let wrong = try await program.run("help", "stage", "claen")
      #expect(wrong.status == 64)
      #expect(wrong.errors.contains("did you mean 'clean'?"))
    }
  }

  @Test func `help on functions comes from their declarations`() async throws {
    try await withProject { project in
      let program = project.program
      let list = try await program.run("help", "functions")
      let entries = ExpressionReference.functions + ExpressionReference.aggregates
      for entry in entries { #expect(list.output.contains("\n  \(entry.name) "), "\(entry.name)") }
      let lower = try await program.run("help", "function", "LOWER")
      #expect(lower.output.contains("lower: ") && lower.output.contains("\n  lower(text)\n"))
      let sum = try await program.run("help", "function", "sum")
      #expect(sum.output.contains("sum, an aggregate: ") && sum.output.contains("filter (where …)"))
      let wrong = try await program.run("help", "function", "lowr")
      #expect(wrong.status == 64 && wrong.errors.contains("did you mean 'lower'?"))
      let none = try await program.run("help", "function", "nothing_like_it")
      #expect(none.errors.contains("roost help functions lists all"))
    }
  }

  @Test func `help on files lists their keys`() async throws {
    try await withProject { project in
      let program = project.program
      let settings = try await program.run("help", "project").output
      for key in ["roost", "connections", "state", "holdout_key", "webhook"] {
        #expect(settings.contains("  \(key)"), "\(key)")
      }
      let pipeline = try await program.run("help", "pipeline").output
      for key in ["pipeline", "schedule", "as_of", "parameters", "stages", "after", "description"] {
        #expect(pipeline.contains("\n  \(key)"), "\(key)")
      }
      for name in StageRegistry.builtIn.names { #expect(pipeline.contains(name), "\(name)") }
      let tests = try await program.run("help", "tests").output
      #expect(tests.contains("  pipeline: ../retention.yaml\n"))
      let all = try await program.run("help").output
      for topic in ["project", "functions", "stage KIND"] { #expect(all.contains(topic)) }
    }
  }

  @Test func `schema prints both schemas`() async throws {
    try await withProject { project in
      let schema = JSONSchema(.builtIn)
      let pipeline = try await project.program.run("schema").output
      #expect(JSONValue(parsing: pipeline) == schema.pipeline)
      let settings = try await project.program.run("schema", "--project").output
      #expect(JSONValue(parsing: settings) == schema.project)
    }
  }

  @Test func `check tells programs what it found`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let program = project.program
      let good = try await program.run("check", "pipeline.yaml", "--format", "json")
      #expect(good.status == 0 && good.output == "[]\n" && good.errors == "")
      let quiet = try await program.run("check", "pipeline.yaml", "--format", "github")
      #expect(quiet.status == 0 && quiet.output == "" && quiet.errors == "")

      try "pipeline: p\nstages: { a: { claen: {} } }\n".write(
        to: project.folder.appending(component: "wrong.yaml"), atomically: true, encoding: .utf8)
      let json = try await program.run("check", "wrong.yaml", "--format", "json")
      #expect(json.status == 2 && json.errors == "1 error\n")
      guard case .array(let messages)? = JSONValue(parsing: json.output) else {
        Issue.record("no list: \(json.output)")
        return
      }
      #expect(messages.count == 1 && messages[0]["code"] == "R0110" && messages[0]["line"] == 2)
      let github = try await program.run("check", "wrong.yaml", "--format", "github")
      #expect(
        github.output
          == "::error file=wrong.yaml,line=2,col=16,title=R0110::there is no stage kind 'claen'"
          + "%0Ahelp: did you mean 'clean'?\n")
      // Also where there is no project.
      let none = try await program.run(
        "check", "wrong.yaml", "--project", "nowhere.yaml", "--format", "json")
      #expect(none.status == 2)
      #expect(none.output.contains("\"R0105\""))
    }
  }
}
