import sys; sys.path.insert(0,"research")
import numpy as np, zlib
from multiprocessing import Pool
from pathlib import Path
from converter.catalogue import Catalogue
from converter.protocols import PROTOCOLS, DS1
from converter.settings import DEFAULTS
from converter import simulated as S
from converter.rhythms import simulate
from converter.beats import BeatSet
import converter.cutting as C
base=DEFAULTS["resecanet-aami5"]; protocol=PROTOCOLS[base.protocol]
cat=Catalogue(); ds=cat.resolve((),protocol.datasets)
OLD=[p for p in (cat.directory/"beats").iterdir() if p.is_dir()][0]
cache=C.CutCache(cat.directory/"beats"); cache.directory=OLD
jobs=[(d.name,r.name,r.digest,c) for d in ds.values() for r in d.records for c in (0,1) if c<len(r.signals) and (d.name=="svdb" or r.name in DS1)]
def one(j):
    d,r,g,c=j
    b=cache.read(cache.path(f"{d} {g}",c,protocol.peaks,base.normalisation)); f=S.normal_beats(b)
    if f is None: return None
    w,own=f; rng=np.random.default_rng(zlib.crc32(f"{d}{r}{c}4".encode())); P=[]
    for _ in range(4):
        first=int(rng.integers(len(w)-300+1)); q=S._patient(rng,w[first:first+300],simulate(rng,300),d+"/"+r,c)
        P.append((q.inputs["rhythm"],q.symbol=="A"))
    return (d+"/"+r,c,[np.concatenate(v) for v in zip(*P)])
if __name__=="__main__":
    with Pool(2) as p: out=[o for o in p.map(one,jobs,chunksize=1) if o]
    o={"x":np.concatenate([q[2][0] for q in out]),"e":np.concatenate([q[2][1] for q in out])}
    o["rec"]=np.concatenate([np.full(len(q[2][0]),q[0]) for q in out]); o["sig"]=np.concatenate([np.full(len(q[2][0]),n) for n,q in enumerate(out)])
    np.savez("research/simbeats4.npz",**o); print(len(out),len(o["x"]),o["e"].mean())
