package dev.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The completion script, asked by a real bash. */
class CompletionTest {
    @RegisterExtension
    final CommandFixture command = new CommandFixture();

    CompletionTest() throws IOException {}

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        espalier br               | branches branch
        ./espalier br             | branches branch
        /opt/bin/espalier br      | branches branch
        ./espalier branches re    | reset restore
        ./espalier branch ve      | verify
        espalier pol              | policies policy
        espalier stat             | status
        ./espalier branches create dev --pro | --protected --project
        ./espalier endpoints wa   | wake
        ./espalier system --output t | table
        espalier endpoints update --activity W | WRITES
        espalier do               | down doctor
        ./espalier doctor --f     | --fix
        ./espalier storage move b | btrfs
        ./espalier bench g        | gateway
        """)
    void bashCompletesCommandsAndOptionsByEitherName(String line, String expected) throws Exception {
        assertThat(complete(line)).isEqualTo(expected);
    }

    @Test
    void theScriptForZshLoadsBashsWayOfCompleting() {
        assertThat(command.line("completion zsh").out()).contains("bashcompinit");
    }

    /** What bash offers when Tab is pressed at the end of the line. */
    private String complete(String line) throws IOException, InterruptedException {
        Path script = Files.writeString(
                command.home.resolve("completion"),
                command.line("completion bash").out());
        // Bash chooses a completion by the command's whole name, then by what follows its last slash.
        Process bash = new ProcessBuilder("bash", "--norc", "-c", """
                set -eu
                source "$1"
                set +eu
                compopt() { :; } # works only while readline completes
                COMP_LINE=$2 COMP_POINT=${#2}
                read -ra COMP_WORDS <<<"$2"
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                for name in "${COMP_WORDS[0]}" "${COMP_WORDS[0]##*/}"; do
                    if specification=$(complete -p "$name" 2>/dev/null); then break; fi
                done
                function=$(sed -E 's/.*-F ([^ ]+).*/\\1/' <<<"$specification")
                "$function" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                echo ${COMPREPLY[*]}
                """, "bash", script.toString(), line)
                .redirectErrorStream(true)
                .start();
        String offered = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return offered.strip();
    }
}
