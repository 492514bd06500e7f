package dev.espalier.storage;

class CloningTreeStoreTest extends VolumeStoreContract {

    @Override
    TestDisk newDisk() {
        return TestDisk.xfs(1024);
    }

    @Override
    VolumeStore open(Volumes volumes) {
        return TreeStore.cloning(volumes);
    }
}
