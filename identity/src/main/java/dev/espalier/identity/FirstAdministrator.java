package dev.espalier.identity;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Makes the administrator that a new installation begins with. */
public final class FirstAdministrator {

    private static final String NAME = "administrator";

    private FirstAdministrator() {}

    /**
     * Makes one if there is none, and leaves its client id and secret in a file with mode 0600.
     *
     * <p>The file has another name until there is the administrator: after a crash between the two the next start either writes
     * it anew or gives it its name. The other way round there would be an administrator whose secret nobody knows.
     *
     * @return whether there was none
     * @throws IllegalStateException if there is none, and the file has the secret of one: it is another installation's
     */
    public static boolean ensure(PrincipalStore principals, ClientSecrets secrets, Path credentialsFile) {
        Path unfinished = credentialsFile.resolveSibling(credentialsFile.getFileName() + ".unfinished");
        if (principals.administratorExists()) {
            if (Files.exists(unfinished)) {
                PrivateFiles.move(unfinished, credentialsFile);
            }
            return false;
        }
        if (Files.exists(credentialsFile)) {
            throw new IllegalStateException("the control database knows no administrator, but " + credentialsFile
                    + " has the secret of one: Espalier ran here with other data. Name those in data.directory or control.url; "
                    + "to begin anew without them, move that file away.");
        }
        String clientId = UUID.randomUUID().toString();
        String secret = secrets.generate();
        PrivateFiles.write(
                unfinished,
                JSONObjectUtils.toJSONString(Map.of("client_id", clientId, "client_secret", secret)) + "\n");
        principals.addAdministrator(clientId, NAME, secrets.keep(secret, List.of()));
        PrivateFiles.move(unfinished, credentialsFile);
        return true;
    }
}
