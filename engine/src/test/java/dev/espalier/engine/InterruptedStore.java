package dev.espalier.engine;

import dev.espalier.storage.VolumeStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** Lets something happen just before a store does what it is asked for. */
final class InterruptedStore {

    /** What is to happen; it may fail. */
    @FunctionalInterface
    interface Interruption {
        void happen() throws Exception;
    }

    private final Map<String, Interruption> before = new HashMap<>();

    /** @param method name of a method of {@link VolumeStore} */
    void before(String method, Interruption interruption) {
        before.put(method, interruption);
    }

    void never() {
        before.clear();
    }

    VolumeStore around(VolumeStore store) {
        return (VolumeStore) Proxy.newProxyInstance(
                VolumeStore.class.getClassLoader(), new Class<?>[] {VolumeStore.class}, (proxy, method, arguments) -> {
                    before.getOrDefault(method.getName(), () -> {}).happen();
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
