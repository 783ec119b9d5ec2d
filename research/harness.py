"""Rhythm expert in folds over svdb and DS1, fast."""
import sys; sys.path.insert(0,"research")
import numpy as np, time, math
from pathlib import Path
from converter.protocols import DS1, FIFTHS
from converter.annotations import classes_of, SYMBOL_CLASSES
LABELS=("N","S","V","F","Q")
EXT=Path("research/ext")
_LIKE,_SIZE,_W,_MOST,_FAM=.9,.25,1/8,128,16
def families(win):
    out=np.zeros(len(win),int); fam=[]; nxt=0
    for n,w in enumerate(win.astype(np.float64)):
        w=w-w.mean(); p=w@w; best=None
        if p and fam:
            s=np.stack([f[1] for f in fam]); pw=np.maximum((s*s).sum(1),1e-300); c=s@w/np.sqrt(pw*p)
            ok=np.abs(np.log(pw/p))<2*_SIZE; b=int(np.where(ok,c,-1).argmax())
            if ok[b] and c[b]>=_LIKE: best=b
        if best is None: f=[nxt,w]; nxt+=1
        else: f=fam.pop(best); f[1]=f[1]+_W*(w-f[1])
        fam=[*fam,f][-_FAM:]; out[n]=f[0]
    return out
def load():
    recs={}
    for f in sorted(EXT.glob("*_*_?.npz")):
        d,r,c=f.stem.split("_"); z=np.load(f); k=z["keep"]
        q=dict(rhythm=z["rhythm"],cls=classes_of(z["sym"],SYMBOL_CLASSES[LABELS],LABELS),keep=k,fib=z["fib"],seq=z["seq"],b=z["b"],a=z["a"],index=z["index"],
            ref=classes_of(z["refsym"],SYMBOL_CLASSES[LABELS],LABELS),sym=z["sym"])
        if c=="0":
            g=f.with_suffix(".fam.npy")
            if not g.exists(): np.save(g,families(z["win"]))
            q["fam"]=np.load(g)
        recs[(d+"/"+r,int(c))]=q
    return recs
def settle(P,fam):
    P=P.copy(); own=np.clip(P[:,2],1/512,1-1/512); ev=np.log(own/(1-own)); st={}; v=np.empty(len(P))
    for n,(f,e) in enumerate(zip(fam.tolist(),ev.tolist())):
        b,l=st.get(f,(0,0.)); b=min(b+1,_MOST); l+=(e-l)/b; st[f]=(b,l); v[n]=1/(1+math.exp(-l))
    rest=P.copy(); rest[:,2]=0; rest/=np.maximum(rest.sum(1,keepdims=True),1e-12); P=rest*(1-v)[:,None]; P[:,2]=v
    return P
def decide(P,fib):
    P=P.copy(); f=fib; P[f,0]+=P[f,1]; P[f,1]=0; return P.argmax(1)
def matrix_counts(q,pred):
    """true,called,ref for S and V (keep only)"""
    k=q["keep"]; out=[]
    for c in (1,2):
        out.append((int(((pred==c)&(q["cls"]==c)&k).sum()),int(((pred==c)&k).sum()),int((q["ref"]==c).sum())))
    return out
def f1(rows,c):
    t=sum(r[c][0] for r in rows); return 2*t/max(sum(r[c][1]+r[c][2] for r in rows),1)
def odds(recid,cls,n=300):
    g=recid*8+cls; cnt=np.bincount(g)[g]; o=np.sqrt(np.minimum(1,n/cnt)); return o/o.sum()
def softmax(x): x=x-x.max(1,keepdims=True); e=np.exp(x); return e/e.sum(1,keepdims=True)
def train_mlp(X,Y,O,seed=1,units=(128,64),epochs=12,per=60000,B=256,lr=2e-3,jit=.1,drop=.2,wd=1e-2,ls=.05,ema=.994):
    import tensorflow as tf, keras
    keras.utils.set_random_seed(seed); rng=np.random.default_rng(seed)
    i=keras.Input((X.shape[1],)); h=i
    for u in units: h=keras.layers.Dropout(drop)(keras.layers.Dense(u,activation="relu")(h))
    m=keras.Model(i,keras.layers.Dense(5)(h)); steps=per*epochs//B
    opt=keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(lr/20,steps,warmup_target=lr,warmup_steps=int(.02*steps)),weight_decay=wd)
    opt.exclude_from_weight_decay(var_names=["bias"])
    Xt=tf.constant(X,tf.float32); Yt=tf.constant(np.eye(5)[Y]*(1-ls)+ls/5,tf.float32)
    avg=[tf.Variable(v) for v in m.trainable_variables]
    opt.build(m.trainable_variables)
    @tf.function
    def run(idx):
        for s in tf.range(tf.shape(idx)[0]):
            c=idx[s]; xb=tf.gather(Xt,c); xb=xb+jit*tf.random.normal(tf.shape(xb))
            with tf.GradientTape() as t:
                l=tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=tf.gather(Yt,c),logits=m(xb,training=True)))
            opt.apply_gradients(zip(t.gradient(l,m.trainable_variables),m.trainable_variables))
            d=tf.minimum(ema,(1.+tf.cast(opt.iterations,tf.float32))/(10.+tf.cast(opt.iterations,tf.float32)))
            for a,v in zip(avg,m.trainable_variables): a.assign(d*a+(1-d)*v)
        return 0
    for e in range(epochs):
        run(tf.constant(rng.choice(len(Y),(per//B,B),p=O)))
    for a,v in zip(avg,m.trainable_variables): v.assign(a)
    W=[v.numpy() for v in m.trainable_variables]
    def f(x):
        for j in range(0,len(W)-2,2): x=np.maximum(x@W[j]+W[j+1],0)
        return x@W[-2]+W[-1]
    return f
class Bench:
    def __init__(self,shape=None):
        self.recs=load(); self.names=sorted({r for r,c in self.recs})
        sv=[n for n in self.names if n.startswith("svdb/")]
        self.sv_folds=[np.random.default_rng(0).permutation(sv)[k::5].tolist() for k in range(5)]
        d=[n for n in self.names if n.startswith("mitdb/")]
        self.ds_folds=[np.random.default_rng(5).permutation(d)[k::5].tolist() for k in range(5)]
        self.shape=shape or {}
    def evaluate(self,feats,sim=None,share=.04,seeds=(1,),folds=("sv","ds"),verbose=True,**kw):
        """feats: {(rec,ch): X}; sim: (X,cls,recname array, sigid)"""
        res={}
        gauge=[]
        for kind in folds:
            for seed in seeds:
                rows={}
                for fold in getattr(self,kind+"_folds"):
                    keys=[k for k in self.recs if k[0] not in fold]
                    X=np.concatenate([feats[k][self.recs[k]["keep"]&(self.recs[k]["cls"]>=0)] for k in keys])
                    Y=np.concatenate([self.recs[k]["cls"][self.recs[k]["keep"]&(self.recs[k]["cls"]>=0)] for k in keys])
                    R=np.concatenate([np.full((self.recs[k]["keep"]&(self.recs[k]["cls"]>=0)).sum(),n) for n,k in enumerate(keys)])
                    O=odds(R,Y)
                    if sim is not None and share:
                        ok=~np.isin(sim[2],fold); so=odds(sim[3][ok],sim[1][ok])
                        X=np.concatenate([X,sim[0][ok]]); Y=np.concatenate([Y,sim[1][ok]]); O=np.concatenate([(1-share)*O,share*so]); O/=O.sum()
                    f=train_mlp(X,Y,O,seed=seed,**kw)
                    self.last=f
                    if getattr(self,"gauge",None) is not None: gauge.append(self.gauge(f))
                    for r in fold:
                        q=self.recs[(r,0)]; lo=f(feats[(r,0)])
                        if (r in self.shape) and kind=="sv": lo=lo+self.shape[r]
                        rows[r]=matrix_counts(q,decide(settle(softmax(lo),q["fam"]),q["fib"]))
                res[(kind,seed)]=rows
        out={}
        for kind in folds:
            S=[f1(res[(kind,s)].values(),0) for s in seeds]; V=[f1(res[(kind,s)].values(),1) for s in seeds]
            out[kind]=(np.mean(S),np.mean(V))
        line=" ".join(f"{k}: S {a:.3f} V {b:.3f}" for k,(a,b) in out.items())
        if gauge: line+=" | "+" ".join(f"{k} {np.mean([g[k] for g in gauge]):.3f}" for k in gauge[0])
        if verbose: print(line,flush=True)
        return out,res
