package dev.espalier.storage;

class CopyingTreeStoreTest extends VolumeStoreContract {

    @Override
    TestDisk newDisk() {
        return TestDisk.plain();
    }

    @Override
    VolumeStore open(Volumes volumes) {
        return TreeStore.copying(volumes);
    }
}
