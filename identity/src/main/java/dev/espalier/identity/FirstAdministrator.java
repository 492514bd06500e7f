package dev.espalier.identity;

import com.nimbusds.jose.util.JSONObjectUtils;
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
     * <p>The file comes first: after a crash between the two there is a file for nobody, which the next start writes anew. The
     * other way round there would be an administrator whose secret nobody knows.
     *
     * @return whether there was none
     */
    public static boolean ensure(PrincipalStore principals, ClientSecrets secrets, Path credentialsFile) {
        if (principals.administratorExists()) {
            return false;
        }
        String clientId = UUID.randomUUID().toString();
        String secret = secrets.generate();
        PrivateFiles.write(
                credentialsFile,
                JSONObjectUtils.toJSONString(Map.of("client_id", clientId, "client_secret", secret)) + "\n");
        principals.addAdministrator(clientId, NAME, secrets.keep(secret, List.of()));
        return true;
    }
}
