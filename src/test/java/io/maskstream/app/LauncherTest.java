package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launchers: what they start, and when they build. */
class LauncherTest {
  private static final String MAIN = "io.maskstream.app.Maskstream";

  @TempDir private Path folder;

  @BeforeEach
  void installAJavaThatTellsItsArguments() throws IOException {
    script(
        folder.resolve("java home/bin/java"),
        "#!/bin/sh\nfor word in \"$@\"; do echo \"$word\"; done\n");
  }

  private static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void install(Path to) throws IOException {
    Files.createDirectories(to);
    for (String file : List.of("maskstream", "maskstream.options")) {
      Files.copy(Path.of(file), to.resolve(file));
    }
    Files.setPosixFilePermissions(
        to.resolve("maskstream"), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> start(Path launcher, String... arguments) throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of(launcher.toString()));
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", folder.resolve("java home").toString());
    builder.environment().put("MASKSTREAM_JAVA_OPTS", "-Xmx1g -Dx=y");
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out.lines().toList();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void release_startsFromAnyFolderThroughALink() throws Exception {
    Path release = folder.resolve("a release");
    install(release.resolve("bin"));
    Path link = Files.createSymbolicLink(folder.resolve("ms"), Path.of("a release/bin/maskstream"));
    Path home = release.toRealPath();
    assertThat(start(link, "demo", "--camera", "a b"))
        .containsExactly(
            "@" + home + "/bin/maskstream.options",
            "-XX:TieredStopAtLevel=1",
            "-Dmaskstream.home=" + home,
            "-Xmx1g",
            "-Dx=y",
            "-cp",
            home + "/maskstream.jar:" + home + "/lib/*:" + home + "/lib-training/*",
            MAIN,
            "demo",
            "--camera",
            "a b");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void source_isBuiltWhereThereIsNoBuildOrSourcesAreNewer() throws Exception {
    Path root = folder.resolve("source");
    install(root);
    Path source = Files.createDirectories(root.resolve("src/main")).resolve("A.java");
    Files.writeString(source, "class A {}");
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    script(root.resolve("mvnw"), "#!/bin/sh\nmkdir -p target/lib\ntouch target/maskstream.jar\n");
    Path launcher = root.resolve("maskstream");

    assertThat(start(launcher, "demo").get(0)).startsWith("maskstream: building");
    assertThat(start(launcher, "demo").get(0)).startsWith("@");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    List<String> rebuilt = start(launcher, "demo");
    String home = root.toRealPath().toString();
    assertThat(rebuilt.get(0)).startsWith("maskstream: building");
    assertThat(rebuilt)
        .contains("-Dmaskstream.home=" + home)
        .anyMatch(word -> word.startsWith(home + "/target/maskstream.jar:"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void build_leavesAnArchiveOfClasses_whichLaterStartsUse() throws Exception {
    Path root = folder.resolve("source");
    install(root);
    Files.createDirectories(root.resolve("src/main"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    script(root.resolve("mvnw"), "#!/bin/sh\nmkdir -p target/lib\ntouch target/maskstream.jar\n");
    Path launcher = root.resolve("maskstream");
    String archive = root.toRealPath() + "/target/classes.jsa";

    assertThat(start(launcher, "eval")).noneMatch(word -> word.contains(archive)); // made by none
    assertThat(Files.readString(root.resolve("target/classes.log")))
        .contains("-XX:ArchiveClassesAtExit=" + archive);
    Files.writeString(root.resolve("target/classes.jsa"), "");
    assertThat(start(launcher, "eval"))
        .contains("-XX:SharedArchiveFile=" + archive)
        .doesNotContain("-XX:TieredStopAtLevel=1");
  }

  @Test
  void options_areTakenByThisJava() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new ProcessBuilder(java.toString(), "@maskstream.options", "-XshowSettings:vm", "-version")
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    assertThat(out).doesNotContainIgnoringCase("warning");
  }

  /** What the shell's launcher does, that of Windows does: same options, libraries and class. */
  @Test
  void bothLaunchers_useTheSameOptionsLibrariesAndClass() throws IOException {
    String shell = Files.readString(Path.of("maskstream"));
    String windows = Files.readString(Path.of("maskstream.cmd")).replace('\\', '/');
    for (String part :
        List.of(
            "maskstream.options",
            "-XX:TieredStopAtLevel=1",
            "/maskstream.jar",
            "/lib/*",
            "/lib-training/*",
            "-Dmaskstream.home=",
            "MASKSTREAM_JAVA_OPTS",
            "maskstream: Java 17 or newer is needed; none was found in JAVA_HOME or on PATH",
            "--quiet --batch-mode -Dmaven.test.skip=true -Dspotless.check.skip=true package",
            MAIN)) {
      assertThat(shell).contains(part);
      assertThat(windows).contains(part);
    }
    assertThat(shell + windows).doesNotContain("-Xmx").doesNotContain("train |");
  }
}
