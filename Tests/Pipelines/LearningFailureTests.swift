import Testing

/// A model that has nothing to learn from says why, and what to do.
@Suite struct LearningFailureTests {
  @Test func `data that ends long before the as-of is named`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let ran = try await project.run(asOf: "2031-01-01", expecting: .failed)
      let error = try #require(ran.outcome.error)
      #expect(
        error.contains(
          "there is nothing to learn from: no row of stage user_features is eligible and has a "
            + "label from 2030-10-19 to 2030-11-18"), "\(error)")
      #expect(
        error.contains(
          "the rows of stage clean_orders end long before the as-of; try --as-of 2026-06-01"),
        "\(error)")
      // What it advises works.
      try await project.run(asOf: "2026-06-01")
    }
  }

  @Test func `labels that are all alike are named`() async throws {
    try await withProject { project in
      try await project.sql(SmallShop.schema + SmallShop.rows)
      try project.write(
        stages: SmallShop.stages.replacing("is: count(*) = 0", with: "is: count(*) >= 0"))
      let ran = try await project.run(expecting: .failed)
      let error = try #require(ran.outcome.error)
      #expect(error.contains("labels 'churned' are true from "), "\(error)")
      #expect(error.contains("check 'eligible', 'label' and 'cutoffs'"), "\(error)")
    }
  }

  /// Libraries that learn are opened with their first use.
  @Test func `what does not learn needs no library, and whoever checks is told which is missing`()
    async throws
  {
    try await withProject { project in
      try await project.setUpSmallShop()
      try project.write(
        stages: SmallShop.stages.replacing("rounds: 5", with: "algorithm: logistic_regression")
          .replacing("depth: 2", with: "seed: 2"))
      // Files that are no library, found before the installed one.
      for name in ["liblinear.so.4", "liblinear.so"] {
        try project.write("libraries/\(name)", "nothing\n")
      }
      var program = project.program
      let inherited = program.environment["LD_LIBRARY_PATH"].map { ":\($0)" } ?? ""
      program.starter = [
        "/usr/bin/env", "LD_LIBRARY_PATH=\(project.folder.path)/libraries\(inherited)",
      ]
      for command in ["check", "plan"] {
        let done = try await program.run(command, TestProject.pipeline)
        #expect(done.status == 0, "\(done.errors)")
        #expect(
          done.errors.contains(
            "warning[R0440]: logistic_regression cannot learn on this machine: liblinear.so.4 cannot "
              + "be loaded"), "\(done.errors)")
      }
      let ran = try await program.run("run", TestProject.pipeline, "--as-of", "2026-06-01")
      #expect(ran.status != 0)
      #expect(
        ran.errors.contains(
          "liblinear.so.4 cannot be loaded; install liblinear4 or liblinear-dev"),
        "\(ran.errors)")
      // With the one that is installed it learns.
      let again = try await project.program.run(
        "run", TestProject.pipeline, "--as-of", "2026-06-01")
      #expect(again.status == 0, "\(again.errors)")
      #expect(!again.errors.contains("R0440"), "\(again.errors)")
    }
  }
}
